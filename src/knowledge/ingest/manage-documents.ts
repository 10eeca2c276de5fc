import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import type { KnowledgeSource, SourceId } from "#domain/knowledge.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import { postDocumentTask, postSweep } from "#store/document-mailbox.ts";
import { listSourceIds, markRemoved, noteRequested } from "#store/knowledge-sources.ts";
import {
  findEmbeddingModel,
  lockEmbeddingModels,
  setNextEmbeddingModel,
  trySwitchModel,
} from "#store/source-versions.ts";

/** What managing documents needs. */
export type ManageDeps = { readonly db: AppDatabase; readonly newId: () => string };

/** Which document. */
export type DocumentReference = Pick<KnowledgeSource, "id" | "organizationId" | "chatbotId">;

/**
 * Has a document read again.
 * @param request `retry` reads it in any case; `sync` first asks whether it has changed.
 * @returns the id of the processing job.
 */
export function requestDocument(
  deps: ManageDeps,
  document: DocumentReference,
  request: {
    readonly kind: "retry" | "sync";
    readonly syncIntervalMinutes?: number | null | undefined;
  },
): Promise<string> {
  const jobId = deps.newId();
  return asTenant(deps.db, document.organizationId, async (tenant) => {
    const kind = request.kind === "retry" ? "ingest" : "sync";
    await postDocumentTask(tenant, document, { kind, jobId, obsoleteFile: null });
    await noteRequested(tenant, document.id, {
      jobId,
      syncIntervalMinutes: request.syncIntervalMinutes,
    });
    return jobId;
  });
}

/** Takes a document out of every search at once; its passages and its original go in the background. */
export function removeDocument(deps: ManageDeps, document: DocumentReference): Promise<void> {
  return asTenant(deps.db, document.organizationId, async (tenant) => {
    // The chatbot's row is changed with its documents' languages: first, as when one has been learned.
    await lockEmbeddingModels(tenant, document.chatbotId);
    await postSweep(tenant, document, null);
    await markRemoved(tenant, document.id);
  });
}

/**
 * Begins to change a chatbot's embedding model. Searches use the old one until every document is
 * embedded by the new one. The name must be of a model that can be opened.
 * @returns the documents that are embedded again.
 */
export function changeEmbeddingModel(
  deps: ManageDeps,
  change: {
    readonly organizationId: OrganizationId;
    readonly chatbotId: ChatbotId;
    readonly model: string;
  },
): Promise<readonly SourceId[]> {
  const { organizationId, chatbotId, model } = change;
  return asTenant(deps.db, organizationId, async (tenant) => {
    const current = await findEmbeddingModel(tenant, chatbotId);
    const ids = current === null || current === model ? [] : await listSourceIds(tenant, chatbotId);
    for (const id of ids)
      await postDocumentTask(
        tenant,
        { organizationId, id },
        { kind: "reembed", jobId: null, obsoleteFile: null },
      );
    await postSweep(tenant, { organizationId, chatbotId }, null);
    await setNextEmbeddingModel(tenant, chatbotId, model);
    return (await trySwitchModel(tenant, chatbotId)) ? [] : ids;
  });
}
