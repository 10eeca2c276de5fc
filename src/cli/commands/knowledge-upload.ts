import { z } from "zod";
import { uploadDocument } from "#knowledge/ingest/upload-document.ts";
import { newId } from "#platform/new-id.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";

/** Takes one document in; `knowledge add` calls it for each. */
export const knowledgeUpload = defineCommand({
  name: "knowledge upload",
  isInternal: true,
  summary: "Take one document in.",
  examples: [],
  input: z.strictObject({
    chatbot: z.string(),
    name: z.string(),
    /** One of the two. */
    base64: z.string().optional(),
    url: z.string().optional(),
    syncIntervalMinutes: z.int().optional(),
  }),
  view: { kind: "record" },
  async *run(deps, input) {
    const { id: chatbotId, organizationId } = await getChatbot(deps, input.chatbot);
    const uploaded = await uploadDocument(
      {
        db: deps.database.db,
        storage: deps.knowledge.storage,
        newId,
        allowPrivateAddresses: deps.config.FETCH_ALLOW_PRIVATE_ADDRESSES,
      },
      {
        organizationId,
        chatbotId,
        name: input.name,
        content:
          input.url === undefined
            ? { kind: "base64", text: input.base64 ?? "" }
            : { kind: "url", url: input.url },
        syncIntervalMinutes: input.syncIntervalMinutes,
        sameName: "replace",
      },
    );
    await asTenant(deps.database.db, organizationId, (tenant) =>
      insertOperatorAudit(tenant, organizationId, {
        action: `document.${uploaded.outcome}`,
        targetType: "document",
        targetId: uploaded.sourceId,
        changes: { name: input.name },
      }),
    );
    yield uploaded;
  },
});
