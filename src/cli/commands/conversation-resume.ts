import { z } from "zod";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { resumeConversation } from "#store/conversations.ts";
import { defineCommand } from "./command.ts";
import { conversationReference, getConversation } from "./find-conversation.ts";

/** `conversation resume`. */
export const conversationResume = defineCommand({
  name: "conversation resume",
  summary: "Let the bot answer again, from the person's next message on.",
  examples: ["./parley conversation resume 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c"],
  input: z.strictObject({ id: conversationReference }),
  view: { kind: "record" },
  async *run(deps, input) {
    const conversation = await getConversation(deps, input.id);
    await asTenant(deps.database.db, conversation.organizationId, async (tenant) => {
      await resumeConversation(tenant, conversation.id);
      await insertOperatorAudit(tenant, conversation.organizationId, {
        action: "conversation.resumed",
        targetType: "conversation",
        targetId: conversation.id,
        changes: {},
      });
    });
    yield await getConversation(deps, conversation.id);
  },
});
