import { sql } from "kysely";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import type { SourceId } from "#domain/knowledge.ts";
import type { TenantDatabase } from "./as-tenant.ts";
import { addChatbotSpend } from "./chatbot-spend.ts";

/** A version of a document's passages. */
export type SourceVersion = {
  readonly id: string;
  readonly embeddingModel: string;
  readonly fingerprint: string;
  readonly chunksTotal: number;
};

/** What searches see of a document now; null: nothing. */
export async function findLiveVersion(
  tenant: TenantDatabase,
  sourceId: SourceId,
): Promise<SourceVersion | null> {
  return findVersion(tenant, sourceId, "live");
}

/** A whole version for the chatbot's next embedding model; null: none. */
export async function findReadyVersion(
  tenant: TenantDatabase,
  sourceId: SourceId,
): Promise<SourceVersion | null> {
  return findVersion(tenant, sourceId, "ready");
}

async function findVersion(
  tenant: TenantDatabase,
  sourceId: SourceId,
  state: "live" | "ready",
): Promise<SourceVersion | null> {
  const row = await tenant
    .selectFrom("source_versions")
    .select(["id", "embedding_model", "fingerprint", "chunks_total"])
    .where("source_id", "=", sourceId)
    .where("state", "=", state)
    .executeTakeFirst();
  return row === undefined
    ? null
    : {
        id: row.id,
        embeddingModel: row.embedding_model,
        fingerprint: row.fingerprint,
        chunksTotal: row.chunks_total,
      };
}

/** A version to fill, and where an earlier run of the same left off. */
export type PreparedVersion = {
  readonly id: string;
  readonly storedPositions: ReadonlySet<number>;
};

/**
 * Begins a version, or goes on with one of the same passages that was cut off. Others that are not
 * whole are given up. Null: the document was removed.
 */
export async function prepareVersion(
  tenant: TenantDatabase,
  version: {
    readonly sourceId: SourceId;
    readonly embeddingModel: string;
    readonly fingerprint: string;
    readonly chunksTotal: number;
  },
): Promise<PreparedVersion | null> {
  const { sourceId, embeddingModel, fingerprint } = version;
  await sql`
    update source_versions set state = 'retired'
    where source_id = ${sourceId} and embedding_model = ${embeddingModel}
      and (state = 'preparing' and fingerprint <> ${fingerprint} or state = 'ready')`.execute(
    tenant,
  );
  const { rows } = await sql<{ id: string }>`
    insert into source_versions (organization_id, chatbot_id, source_id, embedding_model, fingerprint, chunks_total)
    select organization_id, chatbot_id, id, ${embeddingModel}, ${fingerprint}, ${version.chunksTotal}::integer
    from knowledge_sources where id = ${sourceId} and removed_at is null
    on conflict (source_id, embedding_model) where state in ('preparing', 'ready')
      do update set chunks_total = excluded.chunks_total
    returning id`.execute(tenant);
  const [row] = rows;
  if (row === undefined) return null;
  const { id } = row;
  const stored = await sql<{ position: number }>`
    select position from document_chunks where source_id = ${sourceId} and version_id = ${id}`.execute(
    tenant,
  );
  await sql`update knowledge_sources set step = 'embed', chunks_done = ${stored.rows.length},
    chunks_total = ${version.chunksTotal} where id = ${sourceId}`.execute(tenant);
  return { id, storedPositions: new Set(stored.rows.map(({ position }) => position)) };
}

/** The embedding models of a chatbot: what searches use, and what it changes to. */
export type EmbeddingModels = { readonly current: string; readonly next: string | null };

/** The chatbot's models; one that has none yet gets the default. Locks the chatbot against a switch. */
export async function settleEmbeddingModels(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
  defaultModel: string,
): Promise<EmbeddingModels> {
  await sql`update chatbots set embedding_model = ${defaultModel}
    where id = ${chatbotId} and embedding_model is null`.execute(tenant);
  return lockEmbeddingModels(tenant, chatbotId);
}

/** The chatbot's models, of which no other transaction changes any until this one ends. */
export async function lockEmbeddingModels(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
): Promise<EmbeddingModels> {
  const { rows } = await sql<{ current: string | null; next: string | null }>`
    select embedding_model as current, next_embedding_model as next from chatbots where id = ${chatbotId}
    for no key update`.execute(tenant);
  return { current: rows[0]?.current ?? "", next: rows[0]?.next ?? null };
}

/**
 * Shows a whole version to searches, in place of the one before. False when it is none that may be
 * shown: given up meanwhile, not whole, or of another model than the chatbot's.
 */
export async function goLive(
  tenant: TenantDatabase,
  sourceId: SourceId,
  version: { readonly versionId: string; readonly model: string },
): Promise<boolean> {
  const { versionId, model } = version;
  const whole = await sql`
    select 1 from source_versions v join knowledge_sources s on s.id = v.source_id
    where v.id = ${versionId} and v.state = 'preparing' and v.embedding_model = ${model} and s.removed_at is null and v.chunks_total = (
      select count(*) from document_chunks c where c.source_id = ${sourceId} and c.version_id = v.id)
    for update of v`.execute(tenant);
  if (whole.rows.length === 0) return false;
  await sql`update source_versions set state = 'retired'
    where source_id = ${sourceId} and state = 'live'`.execute(tenant);
  await sql`update source_versions set state = 'live' where id = ${versionId}`.execute(tenant);
  return true;
}

/** Sets a whole version aside for the moment when the chatbot changes its model. */
export async function markReady(tenant: TenantDatabase, versionId: string): Promise<void> {
  await sql`update source_versions set state = 'ready' where id = ${versionId} and state = 'preparing'`.execute(
    tenant,
  );
}

/** Gives up versions that were prepared for another model than the chatbot's two. */
export async function retireStrayVersions(
  tenant: TenantDatabase,
  sourceId: SourceId,
  models: EmbeddingModels,
): Promise<void> {
  await sql`
    update source_versions set state = 'retired'
    where source_id = ${sourceId} and state in ('preparing', 'ready')
      and embedding_model <> ${models.current} and embedding_model is distinct from ${models.next}`.execute(
    tenant,
  );
}

/**
 * Logs, once, what the passages of a chatbot's document have cost so far, or those of all its
 * documents (sourceId null); belongs to the end of a turn.
 */
export async function logEmbeddingUsage(
  tenant: TenantDatabase,
  organizationId: OrganizationId,
  spent: {
    readonly chatbotId: ChatbotId;
    readonly sourceId: SourceId | null;
    readonly turnId: string;
    /** Millionths of a US dollar for a token, by model; one that is missing stays unknown. */
    readonly prices: Readonly<Record<string, number>>;
  },
): Promise<void> {
  const { chatbotId } = spent;
  const { rows: costs } = await sql<{ costMicros: number | null }>`
    with spent as materialized (
      select id, source_id, embedding_model, tokens_unlogged as tokens from source_versions
      where chatbot_id = ${chatbotId} and tokens_unlogged > 0
        and (${spent.sourceId}::uuid is null or source_id = ${spent.sourceId}::uuid)
      for update
    ), settled as (
      update source_versions v set tokens_unlogged = 0 from spent where v.id = spent.id
    ), logged as (
      insert into usage_logs (organization_id, source_id, turn_id, kind, model, tokens_prompt, tokens_total,
        cost_micros)
      select ${organizationId}::uuid, source_id, ${spent.turnId}::uuid, 'embedding', embedding_model,
        sum(tokens), sum(tokens), ceil(sum(tokens) * (${JSON.stringify(spent.prices)}::jsonb ->> embedding_model)::numeric)
      from spent group by source_id, embedding_model returning cost_micros
    ), counted as (
      update usage_summary set current_period_tokens = current_period_tokens + total.tokens
      from (select sum(tokens) as tokens from spent) total
      where organization_id = ${organizationId}::uuid and total.tokens > 0
    )
    select cost_micros::double precision as "costMicros" from logged`.execute(tenant);
  await addChatbotSpend(tenant, { organizationId, chatbotId, costs });
}

/** Removes some of the chatbot's passages that no search needs any more. @returns how many; 0: none is left. */
export async function sweepRetired(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
  limit: number,
): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select c.id from source_versions v join document_chunks c on c.source_id = v.source_id and c.version_id = v.id
    where v.chatbot_id = ${chatbotId} and v.state = 'retired' limit ${limit}`.execute(tenant);
  if (rows.length === 0) {
    await sql`delete from source_versions
      where chatbot_id = ${chatbotId} and state = 'retired'`.execute(tenant);
    return 0;
  }
  const ids = JSON.stringify(rows.map(({ id }) => id));
  // The terms first: removed by their passages' cascade, each would be counted down by itself.
  await sql`delete from chunk_terms
    where chunk_id in (select jsonb_array_elements_text(${ids}::jsonb)::bigint)`.execute(tenant);
  await sql`delete from document_chunks
    where id in (select jsonb_array_elements_text(${ids}::jsonb)::bigint)`.execute(tenant);
  return rows.length;
}

/** The embedding model that a chatbot's searches use; null: it has learned nothing yet. */
export async function findEmbeddingModel(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
): Promise<string | null> {
  const row = await tenant
    .selectFrom("chatbots")
    .select("embedding_model")
    .where("id", "=", chatbotId)
    .executeTakeFirst();
  return row?.embedding_model ?? null;
}

/**
 * Begins a change of a chatbot's embedding model, or calls one off by naming the present model. After
 * the documents' mailboxes: everybody locks them first, and then the chatbot.
 */
export async function setNextEmbeddingModel(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
  model: string,
): Promise<void> {
  await sql`update chatbots set
      embedding_model = coalesce(embedding_model, ${model}),
      next_embedding_model = nullif(${model}, coalesce(embedding_model, ${model}))
    where id = ${chatbotId}`.execute(tenant);
  await sql`update source_versions v set state = 'retired'
    where v.chatbot_id = ${chatbotId} and v.state in ('preparing', 'ready') and not exists (
      select 1 from chatbots b
      where b.id = ${chatbotId} and v.embedding_model in (b.embedding_model, b.next_embedding_model))`.execute(
    tenant,
  );
}

/** Takes the next model into use if every document is ready for it. */
export async function trySwitchModel(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
): Promise<boolean> {
  const { rows } = await sql<{ switched: boolean }>`
    select switch_embedding_model(${chatbotId}) as switched`.execute(tenant);
  return rows[0]?.switched === true;
}
