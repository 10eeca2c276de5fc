import { setImmediate as giveWay } from "node:timers/promises";
import { AppError } from "#domain/errors.ts";
import type { OrganizationId } from "#domain/ids.ts";
import type { SourceId } from "#domain/knowledge.ts";
import type { Embedding } from "#providers/embeddings/embedding.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import {
  type EmbeddedPassage,
  insertPassages,
  type StoredPassage,
} from "#store/document-chunks.ts";
import { createPace, type PaceDeps } from "./create-pace.ts";

/** What filling a version needs. */
export type FillVersionDeps = PaceDeps & { readonly db: AppDatabase };

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
 * Embeds passages batch by batch, and stores each batch before the next is paid for, in slices short
 * enough for conversations to go on. Memory is bounded by one batch.
 * @param onStored called for each slice that is safely stored.
 */
export async function fillVersion(
  deps: FillVersionDeps,
  version: VersionToFill,
  source: { readonly passages: AsyncIterable<PassageToEmbed>; readonly onStored: () => void },
): Promise<void> {
  const pace = createPace(deps);
  const embedAndStore = async (batch: readonly PassageToEmbed[]): Promise<void> => {
    version.assertOwned();
    const texts = batch.map(({ textToEmbed }) => textToEmbed);
    const embedded = await version.embedding.embedPassages(texts, version.signal);
    const vectors = embedded.vectors;
    if (vectors.length !== batch.length)
      throw new AppError("MODEL_ANSWER_UNUSABLE", "The embedding model returned too few vectors.");
    let { tokens } = embedded;
    for (let first = 0; first < batch.length;) {
      const slice = batch.slice(first, first + pace.size());
      const passages = await complete(slice, vectors.slice(first));
      const stored = { tokens, passages };
      await pace.run(slice.length, () => store(deps, version, stored));
      tokens = 0; // counted with the first slice
      first += slice.length;
      source.onStored();
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

/** With the terms, of which each takes some 0.2 ms. */
async function complete(
  slice: readonly PassageToEmbed[],
  vectors: readonly (readonly number[])[],
): Promise<EmbeddedPassage[]> {
  const passages: EmbeddedPassage[] = [];
  for (const [index, { textToEmbed: _, buildTerms, ...passage }] of slice.entries()) {
    passages.push({ ...passage, terms: buildTerms(), vector: vectors[index] ?? [] });
    if (index % 4 === 3) await giveWay(); // about a millisecond
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
