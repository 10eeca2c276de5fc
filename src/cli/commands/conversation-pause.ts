import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { pauseConversation } from "#store/conversations.ts";
import { defineCommand } from "./command.ts";
import { conversationReference, getConversation, silently } from "./find-conversation.ts";
import { wakeWorkers } from "./wake-workers.ts";

/** `conversation pause`. */
export const conversationPause = defineCommand({
  name: "conversation pause",
  summary: "Silence the bot in a conversation, so that a colleague answers; the person is told.",
  examples: [
    "./parley conversation pause 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c --minutes 120",
    "./parley conversation pause 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c",
    "./parley conversation pause 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c --minutes 0 --silently",
  ],
  input: z.strictObject({
    id: conversationReference,
    minutes: z
      .int()
      .min(0)
      .max(525_600)
      .optional()
      .describe(
        "How long; 0: until `conversation resume`. Left out: as long as the chatbot leaves a handoff to colleagues.",
      ),
    silently,
  }),
  view: { kind: "record" },
  async *run(deps, input) {
    const conversation = await getConversation(deps, input.id);
    if (conversation.status === "merged")
      throw new AppError("CONFLICT", "This conversation was merged into another one; pause that.");
    await asTenant(deps.database.db, conversation.organizationId, async (tenant) => {
      await pauseConversation(tenant, conversation.id, {
        minutes: input.minutes ?? null,
        person: input.silently ? "is not told" : "is told",
      });
      await insertOperatorAudit(tenant, conversation.organizationId, {
        action: "conversation.paused",
        targetType: "conversation",
        targetId: conversation.id,
        changes: { minutes: input.minutes ?? null, silently: input.silently },
      });
    });
    await wakeWorkers(deps);
    yield await getConversation(deps, conversation.id);
  },
});
