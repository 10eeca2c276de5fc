import { z } from "zod";
import { asSystem } from "#store/as-tenant.ts";
import { listConversations } from "#store/conversations.ts";
import { defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";

/** `conversation list`. */
export const conversationList = defineCommand({
  name: "conversation list",
  summary: "Show conversations, the latest first: counts and times, not what was written.",
  examples: [
    "./parley conversation list --chatbot Support",
    "./parley conversation list --phone 15551234567",
    "./parley conversation list --paused",
  ],
  input: z.strictObject({
    chatbot: z.string().optional().describe("Id, name or phone number id of a chatbot."),
    phone: z
      .string()
      .transform((phone) => phone.replaceAll(/\D/g, ""))
      .optional()
      .meta({ placeholder: "number" })
      .describe("Phone number of the person, with the country code."),
    paused: z.boolean().default(false).describe("Only those that a colleague has."),
    limit: z.int().min(1).max(10_000).default(50).describe("How many to show at most."),
  }),
  view: {
    kind: "table",
    columns: [
      "id",
      "chatbot",
      "contact",
      "phone",
      "isPaused",
      "inbound",
      "outbound",
      "lastInboundAt",
    ],
    whenEmpty: "There is no such conversation.",
  },
  async *run(deps, input) {
    const chatbotId =
      input.chatbot === undefined ? undefined : (await getChatbot(deps, input.chatbot)).id;
    yield* await asSystem(deps.database.db, (system) =>
      listConversations(system, {
        chatbotId,
        phone: input.phone,
        isPaused: input.paused ? true : undefined,
        limit: input.limit,
      }),
    );
  },
});
