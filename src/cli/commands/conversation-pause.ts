import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { pauseConversation } from "#store/conversations.ts";
import { defineCommand } from "./command.ts";
import { conversationReference, getConversation } from "./find-conversation.ts";

/** `conversation pause`. */
export const conversationPause = defineCommand({
  name: "conversation pause",
  summary: "Silence the bot in a conversation, so that a colleague answers.",
  examples: [
    "./parley conversation pause 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c --minutes 120",
    "./parley conversation pause 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c",
  ],
  input: z.strictObject({
    id: conversationReference,
    minutes: z
      .int()
      .min(1)
      .max(525_600)
      .optional()
      .describe("How long; until `conversation resume` when left out."),
  }),
  view: { kind: "record" },
  async *run(deps, input) {
    const conversation = await getConversation(deps, input.id);
    if (conversation.status === "merged")
      throw new AppError("CONFLICT", "This conversation was merged into another one; pause that.");
    const until =
      input.minutes === undefined
        ? null
        : new Date(deps.clock.now().getTime() + input.minutes * 60_000);
    await asTenant(deps.database.db, conversation.organizationId, async (tenant) => {
      await pauseConversation(tenant, conversation.id, until);
      await insertOperatorAudit(tenant, conversation.organizationId, {
        action: "conversation.paused",
        targetType: "conversation",
        targetId: conversation.id,
        changes: { until: until?.toISOString() ?? null },
      });
    });
    yield await getConversation(deps, conversation.id);
  },
});
