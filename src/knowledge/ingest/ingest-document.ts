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
import type { DocumentRun } from "./document-handler.ts";
import { fillVersion, type FillVersionDeps, type PassageToEmbed } from "./fill-version.ts";
import { type ReadDocument, readDocument, type ReadDocumentDeps } from "./read-document.ts";
import { type OriginalContent, readOriginal, type ReadOriginalDeps } from "./read-original.ts";

export type IngestDeps = FillVersionDeps &
  ReadOriginalDeps &
  ReadDocumentDeps & {
    readonly embeddings: Pick<Embeddings, "get">;
    /** For chatbots that have learned nothing yet. */
    readonly defaultEmbeddingModel: string;
  };

/** Reads a document anew: original, text, passages, embeddings; then searches see all of it at once. */
export async function ingestDocument(deps: IngestDeps, run: DocumentRun): Promise<TurnResult> {
  const { organizationId, source, session } = run;
  const note = (step: SourceStep) =>
    asTenant(deps.db, organizationId, (tenant) => noteStep(tenant, source.id, step));
  const before = await settle(deps, run);
  await note("fetch");
  // An upload or a retry reads all of it again: the text decides, not what a server says of it.
  const looksForChange = before.isCurrent && run.tasks.every(({ kind }) => kind !== "ingest");
  const known = looksForChange ? source : null;
  const content = await readOriginal(deps, source, { known, signal: session.signal });
  if (content.kind === "unchanged") return unchanged(run, {});
  if (looksForChange && content.contentHash === source.contentHash) return unchanged(run, content);

  await note("extract");
  const document = await readDocument(deps, source, {
    content,
    signal: session.signal,
    onExtracted: () => note("split"),
  });
  // The page's bytes have changed, as with each visit of many pages; its text has not.
  if (before.isCurrent && document.fingerprint === before.fingerprint)
    return synced(run, { content, document, versionId: null });

  const version = await prepare(deps, run, { document, model: before.model });
  if (version === null) return { kind: "skipped" };
  await fillVersion(
    deps,
    {
      ...session,
      id: version.id,
      organizationId,
      sourceId: source.id,
      embedding: deps.embeddings.get(before.model),
    },
    { passages: missingPassages(document, version), onStored: run.onProgress },
  );
  await note("store");
  return synced(run, { content, document, versionId: version.id });
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
  known: Partial<Pick<OriginalContent, "contentHash" | "etag" | "lastModified">>,
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
    readonly content: OriginalContent;
    readonly document: ReadDocument;
    readonly versionId: string | null;
  },
): TurnResult {
  const { source, organizationId, session } = run;
  const { content, document, versionId } = made;
  const effects: Effects = async (tenant) => {
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
    await logEmbeddingUsage(tenant, organizationId, {
      chatbotId: source.chatbotId,
      sourceId: source.id,
      turnId: session.turn.turnId,
    });
    await postSweep(tenant, source, source.filePath === content.filePath ? null : source.filePath);
    await followUp(tenant, run);
  };
  return { kind: "done", effects };
}

function describe(content: OriginalContent, document: ReadDocument): SourceContent {
  return {
    title: document.title,
    sourceType: document.sourceType,
    mediaType: document.mediaType,
    pages: document.pages,
    warning: document.warning,
    sizeBytes: content.bytes.length,
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
