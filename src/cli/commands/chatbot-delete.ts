import { z } from "zod";
import { objectKey } from "#providers/object-storage/object-storage.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { deleteChatbot } from "#store/chatbots.ts";
import { chatbotReference } from "./chatbot-reference.ts";
import { chatbotSummary } from "./chatbot-summary.ts";
import { defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";

/** `chatbot delete`. */
export const chatbotDelete = defineCommand({
  name: "chatbot delete",
  summary: "Delete a chatbot with its conversations, contacts and knowledge.",
  examples: ["./parley chatbot delete Support", "./parley chatbot delete Support --yes"],
  input: z.strictObject({ chatbot: chatbotReference }),
  view: { kind: "record" },
  confirmation: "Delete this chatbot with all its conversations, contacts and knowledge?",
  async *run(deps, input) {
    const chatbot = await getChatbot(deps, input.chatbot);
    await asTenant(deps.database.db, chatbot.organizationId, async (tenant) => {
      await deleteChatbot(tenant, chatbot.id);
      await insertOperatorAudit(tenant, chatbot.organizationId, {
        action: "chatbot.deleted",
        targetType: "chatbot",
        targetId: chatbot.id,
        changes: { name: chatbot.name, phoneNumberId: chatbot.phoneNumberId },
      });
    });
    await deps.knowledge.storage.removeAll(objectKey(chatbot.organizationId, chatbot.id));
    yield { ...chatbotSummary(chatbot), deleted: true };
  },
});
