import { z } from "zod";
import { requestDocument } from "#knowledge/ingest/manage-documents.ts";
import { newId } from "#platform/new-id.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { defineCommand } from "./command.ts";
import { getSource } from "./find-source.ts";

/** Has a document read again; `knowledge retry` and `knowledge sync` call it and wait. */
export const knowledgeRequest = defineCommand({
  name: "knowledge request",
  isInternal: true,
  summary: "Have a document read again.",
  examples: [],
  input: z.strictObject({
    source: z.string(),
    kind: z.enum(["retry", "sync"]),
    syncIntervalMinutes: z.int().min(5).nullable().optional(),
  }),
  view: { kind: "record" },
  async *run(deps, input) {
    const source = await getSource(deps, input.source);
    const { kind, syncIntervalMinutes } = input;
    const jobId = await requestDocument({ db: deps.database.db, newId }, source, {
      kind,
      syncIntervalMinutes,
    });
    await asTenant(deps.database.db, source.organizationId, (tenant) =>
      insertOperatorAudit(tenant, source.organizationId, {
        action: `document.${kind}`,
        targetType: "document",
        targetId: source.id,
        changes: { name: source.name },
      }),
    );
    yield { sourceId: source.id, name: source.name, processingJobId: jobId };
  },
});
