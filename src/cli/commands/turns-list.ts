import { z } from "zod";
import { asSystem } from "#store/as-tenant.ts";
import { listTurns, TURN_STATES } from "#store/turns.ts";
import { defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";

/** `turns list`. */
export const turnsList = defineCommand({
  name: "turns list",
  summary: "Show turns: first those under way, then those that ended, the newest first.",
  examples: [
    "./parley turns list --status failed",
    "./parley turns list --chatbot Support --limit 200 --json",
  ],
  input: z.strictObject({
    status: z
      .enum(TURN_STATES)
      .optional()
      .describe("Only turns that stand so: waiting and running are under way."),
    chatbot: z.string().optional().describe("Id, name or phone number id of a chatbot."),
    conversation: z.uuid("is not an id").optional().describe("Id of a conversation."),
    limit: z.int().min(1).max(10_000).default(50).describe("How many to show at most."),
  }),
  view: {
    kind: "table",
    columns: [
      "id",
      "state",
      "handler",
      "chatbot",
      "conversationId",
      "messages",
      "attempt",
      "errorCode",
      "at",
    ],
    whenEmpty: "There is no such turn.",
  },
  async *run(deps, input) {
    const chatbotId =
      input.chatbot === undefined ? undefined : (await getChatbot(deps, input.chatbot)).id;
    const rows = await asSystem(deps.database.db, (system) =>
      listTurns(system, {
        state: input.status,
        chatbotId,
        conversationId: input.conversation,
        limit: input.limit,
      }),
    );
    yield* rows;
  },
});
