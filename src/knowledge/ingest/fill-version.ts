import { setImmediate as giveWay } from "node:timers/promises";
import { AppError } from "#domain/errors.ts";
import type { OrganizationId } from "#domain/ids.ts";
import type { SourceId } from "#domain/knowledge.ts";
import type { Clock } from "#platform/clock.ts";
import type { Embedding } from "#providers/embeddings/embedding.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import {
  type EmbeddedPassage,
  insertPassages,
  type StoredPassage,
} from "#store/document-chunks.ts";

/** What filling a version needs. */
export type FillVersionDeps = { readonly db: AppDatabase; readonly clock: Clock };

/** A version to fill, in the turn that fills it. */
export type VersionToFill = {
  readonly id: string;
  readonly organizationId: OrganizationId;
  readonly sourceId: SourceId;
  readonly embedding: Embedding;
  readonly signal: AbortSignal;
  /** Throws when another worker has the turn. */
  readonly assertOwned: () => void;
};

/** A passage that is to be embedded and stored. */
export type PassageToEmbed = Omit<StoredPassage, "terms"> & {
  readonly textToEmbed: string;
  /** Computed when it is stored, since it takes a while. */
  readonly buildTerms: () => string;
};

/**
 * How long one transaction may take. The embedded database answers webhooks over the same connection,
 * so it is the longest that a message waits for a document.
 */
const SLICE_MS = 15;
const SLICE_MAX = 64;

/**
 * Embeds passages batch by batch, and stores each batch before the next is paid for, in slices short
 * enough for conversations to go on. Memory is bounded by one batch.
 * @param onStored called for each slice that is safely stored.
 */
export async function fillVersion(
  deps: FillVersionDeps,
  version: VersionToFill,
  source: { readonly passages: AsyncIterable<PassageToEmbed>; readonly onStored: () => void },
): Promise<void> {
  const slices = { size: 4 };
  const embedAndStore = async (batch: readonly PassageToEmbed[]): Promise<void> => {
    version.assertOwned();
    const texts = batch.map(({ textToEmbed }) => textToEmbed);
    const embedded = await version.embedding.embedPassages(texts, version.signal);
    const vectors = embedded.vectors;
    if (vectors.length !== batch.length)
      throw new AppError("MODEL_ANSWER_UNUSABLE", "The embedding model returned too few vectors.");
    let { tokens } = embedded;
    for (let first = 0; first < batch.length;) {
      const slice = batch.slice(first, first + slices.size);
      const passages = await complete(slice, vectors.slice(first));
      const startedMs = deps.clock.monotonicMs();
      await store(deps, version, { tokens, passages });
      slices.size = nextSize(slice.length, deps.clock.monotonicMs() - startedMs);
      tokens = 0; // counted with the first slice
      first += slice.length;
      source.onStored();
      await giveWay();
    }
  };

  let batch: PassageToEmbed[] = [];
  for await (const passage of source.passages) {
    batch.push(passage);
    if (batch.length < version.embedding.batchSize) continue;
    await embedAndStore(batch);
    batch = [];
  }
  if (batch.length > 0) await embedAndStore(batch);
}

/** Terms take up to a millisecond each, so others get their turn in between. */
async function complete(
  slice: readonly PassageToEmbed[],
  vectors: readonly (readonly number[])[],
): Promise<EmbeddedPassage[]> {
  const passages: EmbeddedPassage[] = [];
  for (const [index, { textToEmbed: _, buildTerms, ...passage }] of slice.entries()) {
    passages.push({ ...passage, terms: buildTerms(), vector: vectors[index] ?? [] });
    if (index % 4 === 3) await giveWay();
  }
  return passages;
}

async function store(
  deps: FillVersionDeps,
  version: VersionToFill,
  slice: { readonly tokens: number; readonly passages: readonly EmbeddedPassage[] },
): Promise<void> {
  const kept = await asTenant(deps.db, version.organizationId, (tenant) =>
    insertPassages(tenant, { ...version, tokens: slice.tokens }, slice.passages),
  );
  if (!kept)
    throw new AppError("TURN_OWNERSHIP_LOST", "The document was replaced or removed meanwhile");
}

/** As many as this database stores in `SLICE_MS`, growing gently. */
function nextSize(size: number, durationMs: number): number {
  const fitting = Math.floor((size * SLICE_MS) / Math.max(durationMs, 0.1));
  return Math.max(1, Math.min(fitting, size * 2, SLICE_MAX));
}
