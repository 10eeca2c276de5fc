import { z } from "zod";
import { sweepMailbox } from "#domain/knowledge.ts";
import { removeDocument } from "#knowledge/ingest/manage-documents.ts";
import { newId } from "#platform/new-id.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { defineCommand } from "./command.ts";
import { getSource, sourceReference } from "./find-source.ts";
import { workOff } from "./work-here.ts";

/** `knowledge remove`. */
export const knowledgeRemove = defineCommand({
  name: "knowledge remove",
  summary: "Remove a document with its passages and its original; answers do without it at once.",
  examples: ["./parley knowledge remove manual.pdf --yes"],
  input: z.strictObject({ source: sourceReference }),
  view: { kind: "record" },
  confirmation: "Remove this document from the chatbot's knowledge?",
  async *run(deps, input) {
    const source = await getSource(deps, input.source);
    const { organizationId } = source;
    await removeDocument({ db: deps.database.db, newId }, source);
    await asTenant(deps.database.db, organizationId, (tenant) =>
      insertOperatorAudit(tenant, organizationId, {
        action: "document.removed",
        targetType: "document",
        targetId: source.id,
        changes: { name: source.name },
      }),
    );
    await workOff(deps, [sweepMailbox(source.chatbotId)], new AbortController().signal);
    yield { id: source.id, name: source.name, removed: true };
  },
});
