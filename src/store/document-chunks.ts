import { sql } from "kysely";
import { z } from "zod";
import type { SourceId } from "#domain/knowledge.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/** A passage as it is stored; without its embedding where that is still to be made. */
export type StoredPassage = {
  readonly position: number;
  readonly text: string;
  readonly headings: readonly string[];
  readonly page: number | null;
  readonly startOffset: number;
  readonly endOffset: number;
  /** A `sparsevec` as text. */
  readonly terms: string;
};

/** A passage with its embedding. */
export type EmbeddedPassage = StoredPassage & { readonly vector: readonly number[] };

/**
 * Stores some passages of a version that is not whole yet, with the progress and what they cost; those
 * that are there already are left alone.
 * @returns false when the version was given up meanwhile.
 */
export async function insertPassages(
  tenant: TenantDatabase,
  version: { readonly id: string; readonly sourceId: SourceId; readonly tokens: number },
  passages: readonly EmbeddedPassage[],
): Promise<boolean> {
  const given = passages.map(({ vector, ...passage }) => ({
    ...passage,
    embedding: JSON.stringify(vector.map(shorten)),
  }));
  const { rows } = await sql<{ kept: boolean }>`
    with given as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as g (position integer, text text,
        headings text[], page integer, "startOffset" integer, "endOffset" integer, terms text, embedding text)
    ), version as (
      update source_versions set chunks_done = chunks_done + ${passages.length},
        tokens_unlogged = tokens_unlogged + ${version.tokens}
      where id = ${version.id} and state = 'preparing'
      returning id, organization_id, chatbot_id, source_id, embedding_model
    ), added as (
      insert into document_chunks (organization_id, chatbot_id, source_id, version_id, position, content, page,
        start_offset, end_offset, headings, embedding_model, embedding)
      select v.organization_id, v.chatbot_id, v.source_id, v.id, g.position, g.text, g.page,
        g."startOffset", g."endOffset", g.headings, v.embedding_model, g.embedding::halfvec(1536)
      from version v, given g
      on conflict (source_id, version_id, position) do nothing
      returning id, position
    ), found_by as (
      insert into chunk_terms (chunk_id, organization_id, chatbot_id, version_id, terms)
      select a.id, v.organization_id, v.chatbot_id, v.id, g.terms::sparsevec(1000000000)
      from added a join given g using (position), version v
    ), progress as (
      update knowledge_sources set chunks_done = chunks_done + ${passages.length}
      where id = ${version.sourceId}
    )
    select exists (select 1 from version) as kept`.execute(tenant);
  return rows[0]?.kept === true;
}

/** Six digits are more than a half-precision number keeps, and a third of what JSON would write. */
const shorten = (value: number): number => Math.round(value * 1e6) / 1e6;

const Passage = z.object({
  position: z.number(),
  text: z.string(),
  headings: z.array(z.string()),
  page: z.number().nullable(),
  startOffset: z.number(),
  endOffset: z.number(),
  terms: z.string(),
});

/** Passages of a version in their order, some after a position. */
export async function loadPassages(
  tenant: TenantDatabase,
  version: { readonly id: string; readonly sourceId: SourceId },
  range: { readonly after: number; readonly limit: number },
): Promise<readonly StoredPassage[]> {
  const { rows } = await sql<{ passage: unknown }>`
    select jsonb_build_object('position', c.position, 'text', c.content, 'headings', c.headings, 'page', c.page,
      'startOffset', c.start_offset, 'endOffset', c.end_offset,
      'terms', coalesce(t.terms::text, '{}/1000000000')) as passage
    from document_chunks c left join chunk_terms t on t.chunk_id = c.id
    where c.source_id = ${version.sourceId} and c.version_id = ${version.id} and c.position > ${range.after}
    order by c.position limit ${range.limit}`.execute(tenant);
  return rows.map(({ passage }) => Passage.parse(passage));
}
