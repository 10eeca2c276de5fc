import { toAppError } from "#domain/errors.ts";
import type { SourceStep } from "#domain/knowledge.ts";
import { buildPassageTerms } from "#knowledge/lexical/build-terms.ts";
import { contextText } from "#knowledge/split/context-text.ts";
import type { Effects, TurnResult } from "#mailbox/turn-handler.ts";
import type { Embeddings } from "#providers/embeddings/embeddings.ts";
import { asTenant, type TenantDatabase } from "#store/as-tenant.ts";
import { postDocumentTask, postSweep } from "#store/document-mailbox.ts";
import { noteStep, noteSynced, noteUnchanged, type SourceContent } from "#store/source-progress.ts";
import {
  findLiveVersion,
  goLive,
  lockEmbeddingModels,
  logEmbeddingUsage,
  prepareVersion,
  type PreparedVersion,
  retireStrayVersions,
  settleEmbeddingModels,
  trySwitchModel,
} from "#store/source-versions.ts";
import { EMBEDDING_PRICES } from "#usage/model-prices.ts";
import type { DocumentRun } from "./document-handler.ts";
import { fillVersion, type FillVersionDeps, type PassageToEmbed } from "./fill-version.ts";
import { isWorthWaiting } from "./is-worth-waiting.ts";
import { dropReading, findReading, keepReading, type Reading } from "./kept-reading.ts";
import { type ReadDocument, readDocument, type ReadDocumentDeps } from "./read-document.ts";
import { type OriginalFacts, readOriginal, type ReadOriginalDeps } from "./read-original.ts";

export type IngestDeps = FillVersionDeps &
  ReadOriginalDeps &
  ReadDocumentDeps & {
    readonly embeddings: Pick<Embeddings, "get">;
    /** For chatbots that have learned nothing yet. */
    readonly defaultEmbeddingModel: string;
  };

/** Reads a document anew: original, text, passages, embeddings; then searches see all of it at once. */
export async function ingestDocument(deps: IngestDeps, run: DocumentRun): Promise<TurnResult> {
  const before = await settle(deps, run);
  const kept = await findReading(deps, run);
  const reading = kept ?? (await read(deps, run, before));
  if ("kind" in reading) return reading;
  const { content, document } = reading;
  // The page's bytes have changed, as with each visit of many pages; its text has not.
  if (before.isCurrent && document.fingerprint === before.fingerprint)
    return synced(run, { content, document, versionId: null });

  const version = await prepare(deps, run, { document, model: before.model });
  if (version === null) return { kind: "skipped" };
  try {
    await fill(deps, run, { document, version, model: before.model });
  } catch (error) {
    if (kept === null && !run.session.signal.aborted && isWorthWaiting(toAppError(error)))
      await keepReading(deps, run, reading).catch(() => {}); // then it is read again
    throw error;
  }
  await note(deps, run, "store");
  if (kept !== null) await dropReading(deps, run.source);
  return synced(run, { content, document, versionId: version.id });
}

/** Fetches, extracts and splits; the end of the turn when nothing has changed. */
async function read(
  deps: IngestDeps,
  run: DocumentRun,
  before: { readonly isCurrent: boolean },
): Promise<Reading | TurnResult> {
  const { source, session } = run;
  await note(deps, run, "fetch");
  // An upload or a retry reads all of it again: the text decides, not what a server says of it.
  const looksForChange = before.isCurrent && run.tasks.every(({ kind }) => kind !== "ingest");
  const known = looksForChange ? source : null;
  const original = await readOriginal(deps, source, { known, signal: session.signal });
  if (original.kind === "unchanged") return unchanged(run, {});
  if (looksForChange && original.contentHash === source.contentHash)
    return unchanged(run, original);

  await note(deps, run, "extract");
  const document = await readDocument(deps, source, {
    content: original,
    signal: session.signal,
    onExtracted: () => note(deps, run, "split"),
  });
  const { kind: _kind, bytes: _bytes, charset: _charset, ...content } = original;
  return { content, document };
}

function note(deps: IngestDeps, run: DocumentRun, step: SourceStep): Promise<void> {
  return asTenant(deps.db, run.organizationId, (tenant) => noteStep(tenant, run.source.id, step));
}

function fill(
  deps: IngestDeps,
  run: DocumentRun,
  filling: {
    readonly document: ReadDocument;
    readonly version: PreparedVersion;
    readonly model: string;
  },
): Promise<void> {
  const { document, version, model } = filling;
  const { organizationId, source, session } = run;
  const embedding = deps.embeddings.get(model);
  return fillVersion(
    deps,
    { ...session, id: version.id, organizationId, sourceId: source.id, embedding },
    { passages: missingPassages(document, version), onStored: run.onProgress },
  );
}

/** What searches see of the document so far, and the model to embed it with. */
async function settle(deps: IngestDeps, run: DocumentRun) {
  return asTenant(deps.db, run.organizationId, async (tenant) => {
    const { chatbotId, id } = run.source;
    const models = await settleEmbeddingModels(tenant, chatbotId, deps.defaultEmbeddingModel);
    await retireStrayVersions(tenant, id, models);
    const live = await findLiveVersion(tenant, id);
    return {
      model: models.current,
      isCurrent: live !== null && live.embeddingModel === models.current,
      fingerprint: live?.fingerprint ?? null,
    };
  });
}

function prepare(
  deps: IngestDeps,
  { organizationId, source }: DocumentRun,
  wanted: { readonly document: ReadDocument; readonly model: string },
): Promise<PreparedVersion | null> {
  return asTenant(deps.db, organizationId, (tenant) =>
    prepareVersion(tenant, {
      sourceId: source.id,
      embeddingModel: wanted.model,
      fingerprint: wanted.document.fingerprint,
      chunksTotal: wanted.document.chunks.length,
    }),
  );
}

async function* missingPassages(
  { title, chunks }: ReadDocument,
  { storedPositions }: PreparedVersion,
): AsyncGenerator<PassageToEmbed> {
  for (const chunk of chunks)
    if (!storedPositions.has(chunk.position))
      yield {
        ...chunk,
        textToEmbed: contextText({ title, ...chunk }),
        buildTerms: () => buildPassageTerms({ title, headings: chunk.headings, text: chunk.text }),
      };
}

function unchanged(
  run: DocumentRun,
  known: Partial<Pick<OriginalFacts, "contentHash" | "etag" | "lastModified">>,
): TurnResult {
  const { contentHash, etag = null, lastModified = null } = known;
  return {
    kind: "done",
    effects: async (tenant) => {
      await noteUnchanged(tenant, run.source, {
        etag,
        lastModified,
        ...(contentHash === undefined ? {} : { contentHash }),
      });
      await followUp(tenant, run);
    },
  };
}

/** Everything that makes the new content count commits with the end of the turn. */
function synced(
  run: DocumentRun,
  made: {
    readonly content: OriginalFacts;
    readonly document: ReadDocument;
    readonly versionId: string | null;
  },
): TurnResult {
  const { source, organizationId, session } = run;
  const { content, document, versionId } = made;
  const effects: Effects = async (tenant) => {
    // The usage before the chatbot, as the end of an answer locks them: no deadlock.
    await logEmbeddingUsage(tenant, organizationId, {
      chatbotId: source.chatbotId,
      sourceId: source.id,
      turnId: session.turn.turnId,
      prices: EMBEDDING_PRICES,
    });
    const models = await lockEmbeddingModels(tenant, source.chatbotId);
    if (
      versionId !== null &&
      !(await goLive(tenant, source.id, { versionId, model: models.current }))
    ) {
      // The chatbot has changed its model meanwhile, or the document was removed: look again.
      await postDocumentTask(tenant, source, {
        kind: "ingest",
        jobId: source.jobId,
        obsoleteFile: null,
      });
      return;
    }
    await noteSynced(tenant, source, describe(content, document));
    await postSweep(tenant, source, source.filePath === content.filePath ? null : source.filePath);
    await followUp(tenant, run);
  };
  return { kind: "done", effects };
}

function describe(content: OriginalFacts, document: ReadDocument): SourceContent {
  return {
    title: document.title,
    language: document.language,
    sourceType: document.sourceType,
    mediaType: document.mediaType,
    pages: document.pages,
    warning: document.warning,
    sizeBytes: content.sizeBytes,
    contentHash: content.contentHash,
    filePath: content.url === null ? null : content.filePath,
    etag: content.etag,
    lastModified: content.lastModified,
  };
}

/** While the chatbot changes its model, new content needs a version for the next one too. */
async function followUp(tenant: TenantDatabase, run: DocumentRun): Promise<void> {
  const { source } = run;
  const { next } = await lockEmbeddingModels(tenant, source.chatbotId);
  if (next === null || (await trySwitchModel(tenant, source.chatbotId))) return;
  await postDocumentTask(tenant, source, { kind: "reembed", jobId: null, obsoleteFile: null });
}
