import { type AppError, ERRORS } from "#domain/errors.ts";
import type { Effects } from "#mailbox/turn-handler.ts";
import { type Alert, recordAlert } from "#store/alerts.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import { noteFailed } from "#store/source-progress.ts";
import { findLiveVersion, logEmbeddingUsage } from "#store/source-versions.ts";
import { EMBEDDING_PRICES } from "#usage/model-prices.ts";
import type { DocumentRun } from "./document-handler.ts";

/** What telling of a failure needs. */
export type FailDocumentDeps = { readonly db: AppDatabase };

/**
 * A document that cannot be read: its admin gets the reason, operators an alert. What it held before
 * is still found; a page that could not be looked at again therefore stays `synced`, with a warning.
 */
export async function failDocument(
  deps: FailDocumentDeps,
  run: DocumentRun,
  error: AppError,
): Promise<Effects> {
  const { source, organizationId, session } = run;
  const live = await asTenant(deps.db, organizationId, (tenant) =>
    findLiveVersion(tenant, source.id),
  );
  const kinds = new Set(run.tasks.map(({ kind }) => kind));
  const keepsContent = live !== null && !kinds.has("ingest");
  return async (tenant) => {
    await noteFailed(tenant, source.id, {
      status: keepsContent ? "synced" : "failed",
      code: error.code,
      jobId: source.jobId,
      attempts: session.turn.attempt,
      reason: explain(error, { hasContent: live !== null }),
    });
    await logEmbeddingUsage(tenant, organizationId, {
      chatbotId: source.chatbotId,
      sourceId: source.id,
      turnId: session.turn.turnId,
      prices: EMBEDDING_PRICES,
    });
    await recordAlert(tenant, organizationId, {
      ...describe(error, consequenceOf(kinds, keepsContent ? "old" : "none")),
      errorCode: error.code,
      chatbotId: source.chatbotId,
      turnId: session.turn.turnId,
      details: { ...error.details, sourceId: source.id, attempts: session.turn.attempt },
    });
  };
}

function consequenceOf(kinds: ReadonlySet<string>, content: "old" | "none") {
  if (kinds.size === 1 && kinds.has("reembed")) return "model waits";
  return content === "old" ? "content is old" : "nothing is known";
}

function explain(error: AppError, document: { readonly hasContent: boolean }): string {
  const sentence = error.code === "INTERNAL" ? ERRORS.INTERNAL.explanation : error.message;
  return document.hasContent
    ? `${sentence} Answers still come from the content of before.`
    : sentence;
}

/** A document's own fault is its admin's business; anything else the operator's. */
function describe(
  error: AppError,
  consequence: "nothing is known" | "content is old" | "model waits",
): Pick<Alert, "severity" | "type" | "message" | "stepId"> {
  const { explanation } = ERRORS[error.code];
  switch (consequence) {
    case "model waits":
      return {
        severity: "error",
        type: "knowledge_model_change_failed",
        message: `A document could not be embedded by the chatbot's next embedding model, so the change waits for it. ${explanation}`,
        stepId: "embed",
      };
    case "content is old":
      return {
        severity: "warning",
        type: "knowledge_page_stale",
        message: `A page of the knowledge could not be read again, so answers come from its last content. ${explanation}`,
        stepId: "fetch",
      };
    case "nothing is known":
      return {
        severity: /^(DOCUMENT|PAGE)_/.test(error.code) ? "warning" : "error",
        type: "knowledge_document_failed",
        message: `A document of the knowledge could not be learned. ${explanation}`,
        stepId: null,
      };
  }
}
