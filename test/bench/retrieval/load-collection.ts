import { randomUUID } from "node:crypto";
import type { DocumentBlock } from "#domain/document.ts";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import { SourceId } from "#domain/knowledge.ts";
import { buildPassageTerms } from "#knowledge/lexical/build-terms.ts";
import { contextText } from "#knowledge/split/context-text.ts";
import { splitDocument } from "#knowledge/split/split-document.ts";
import type { Embedding } from "#providers/embeddings/embedding.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { Database } from "#store/database.ts";
import { insertPassages } from "#store/document-chunks.ts";
import { insertSource } from "#store/knowledge-sources.ts";
import { goLive, prepareVersion, settleEmbeddingModels } from "#store/source-versions.ts";
import type { Collection, Document } from "./read-collection.ts";

/** Where a collection goes. */
export type Target = {
  readonly database: Database;
  readonly embedding: Embedding;
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
};

/**
 * Stores each document as a source of the chatbot, with production's splitting, terms, embedding
 * and statements. @returns the document of each source.
 */
export async function loadCollection(
  target: Target,
  collection: Collection,
): Promise<ReadonlyMap<string, string>> {
  const documentIds = new Map<string, string>();
  await asTenant(target.database.db, target.organizationId, (tenant) =>
    settleEmbeddingModels(tenant, target.chatbotId, target.embedding.model),
  );
  for (const document of collection.documents) {
    documentIds.set(await loadDocument(target, document), document.id);
  }
  return documentIds;
}

async function loadDocument(target: Target, document: Document): Promise<SourceId> {
  const { embedding, organizationId, chatbotId } = target;
  const sourceId = SourceId.parse(randomUUID());
  const title = document.title.trim();
  const chunks = splitDocument(toBlocks(document));
  const contexts = chunks.map(({ headings, text }) => ({ title, headings, text }));
  const { vectors } = await embedding.embedPassages(
    contexts.map(contextText),
    new AbortController().signal,
  );
  const passages = chunks.map((chunk, index) => ({
    ...chunk,
    terms: buildPassageTerms(contexts[index] ?? { title, ...chunk }),
    vector: vectors[index] ?? [],
  }));
  await asTenant(target.database.db, organizationId, async (tenant) => {
    await insertSource(tenant, organizationId, {
      id: sourceId,
      chatbotId,
      sourceType: "text",
      name: title === "" ? document.id : title,
      url: null,
      filePath: null,
      sizeBytes: null,
      jobId: randomUUID(),
      syncIntervalMinutes: null,
    });
    const version = await prepareVersion(tenant, {
      sourceId,
      embeddingModel: embedding.model,
      fingerprint: document.id,
      chunksTotal: passages.length,
    });
    if (version === null) throw new Error("The source is gone");
    await insertPassages(tenant, { id: version.id, sourceId, tokens: 0 }, passages);
    if (!(await goLive(tenant, sourceId, { versionId: version.id, model: embedding.model })))
      throw new Error("The version is not whole");
  });
  return sourceId;
}

/** Paragraphs; of a document without text, its title. */
function toBlocks({ title, text }: Document): DocumentBlock[] {
  const paragraphs = (text.trim() === "" ? title : text).split(/\n\s*\n/u);
  return paragraphs.map((paragraph) => ({ text: paragraph.trim(), headings: [], page: null }));
}
