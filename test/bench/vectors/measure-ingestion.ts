import { randomUUID } from "node:crypto";
import { SourceId } from "#domain/knowledge.ts";
import { fillVersion } from "#knowledge/ingest/fill-version.ts";
import { buildPassageTerms } from "#knowledge/lexical/build-terms.ts";
import { systemClock } from "#platform/clock.ts";
import type { Embedding } from "#providers/embeddings/embedding.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { Database } from "#store/database.ts";
import { prepareVersion } from "#store/source-versions.ts";
import type { BenchChatbot } from "./fill-database.ts";

/** How fast passages are learned with the given embedding, and the most memory that was in use. */
export type IngestionMeasurement = { readonly chunksPerSecond: number; readonly memoryMb: number };

/** Embeds and stores passages as the worker does, with terms, frequencies and vectors. */
export async function measureIngestion(
  database: Database,
  chatbot: BenchChatbot,
  options: { readonly embedding: Embedding; readonly chunks: number },
): Promise<IngestionMeasurement> {
  const { embedding, chunks } = options;
  const { organizationId } = chatbot;
  const sourceId = SourceId.parse(chatbot.sourceId);
  const version = await asTenant(database.db, organizationId, (tenant) =>
    prepareVersion(tenant, {
      sourceId,
      embeddingModel: embedding.model,
      fingerprint: randomUUID(),
      chunksTotal: chunks,
    }),
  );
  if (version === null) throw new Error("The source is gone");
  let memoryBytes = 0;
  const start = performance.now();
  await fillVersion(
    { db: database.db, databaseKind: database.kind, clock: systemClock },
    {
      id: version.id,
      organizationId,
      sourceId,
      embedding,
      signal: new AbortController().signal,
      assertOwned: () => {},
    },
    {
      passages: makePassages(chunks),
      onStored: () => {
        memoryBytes = Math.max(memoryBytes, process.memoryUsage.rss());
      },
    },
  );
  const seconds = (performance.now() - start) / 1_000;
  return { chunksPerSecond: chunks / seconds, memoryMb: memoryBytes / 1024 / 1024 };
}

/** Passages of 1,000 characters out of a vocabulary as large and uneven as that of a manual. */
async function* makePassages(count: number) {
  const words = Array.from({ length: 8_000 }, (_, index) => `w${(index * 7919).toString(36)}`);
  for (let position = 0; position < count; position += 1) {
    let text = "";
    for (let step = 1; text.length < 990; step += 1) {
      const rank = Math.floor(8_000 ** (((position * 131 + step * 197) % 1_000) / 1_000));
      text += `${words[rank] ?? "the"} `;
    }
    yield {
      position,
      text,
      headings: [],
      page: null,
      startOffset: 0,
      endOffset: text.length,
      textToEmbed: text,
      buildTerms: () => buildPassageTerms({ title: "Bench", headings: [], text }),
    };
  }
}
