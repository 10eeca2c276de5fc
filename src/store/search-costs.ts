import { sql } from "kysely";
import type { ConversationId, OrganizationId, TurnId } from "#domain/ids.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/** What one call of a search has cost. */
export type SearchCost = {
  readonly kind: "embedding" | "reranking";
  readonly model: string;
  readonly tokens: number;
};

/** What searches have cost, and who searched. */
export type SearchCosts = {
  readonly organizationId: OrganizationId;
  /** Null: a command searched. */
  readonly conversationId: ConversationId | null;
  readonly turnId: TurnId | null;
  readonly costs: readonly SearchCost[];
};

/**
 * Logs what searches have cost: embeddings with a row for each model, unless they were free, and
 * re-rankings with a row for each call, since some providers bill calls and not tokens.
 */
export async function recordSearchCosts(
  tenant: TenantDatabase,
  { organizationId, conversationId, turnId, costs }: SearchCosts,
): Promise<void> {
  const rerankings = costs.filter(({ kind }) => kind === "reranking");
  const embeddings = Map.groupBy(
    costs.filter(({ kind, tokens }) => kind === "embedding" && tokens > 0),
    ({ model }) => model,
  );
  const rows: SearchCost[] = [
    ...[...embeddings].map(([model, calls]) => ({
      kind: "embedding" as const,
      model,
      tokens: calls.reduce((sum, { tokens }) => sum + tokens, 0),
    })),
    ...rerankings,
  ];
  if (rows.length === 0) return;
  const tokens = rows.reduce((sum, row) => sum + row.tokens, 0);
  await sql`
    with logged as (
      insert into usage_logs (organization_id, conversation_id, turn_id, kind, model, tokens_prompt, tokens_total)
      select ${organizationId}::uuid, ${conversationId}::uuid, ${turnId}::uuid, kind, model, tokens, tokens
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (kind text, model text, tokens integer)
    )
    update usage_summary set current_period_tokens = current_period_tokens + ${tokens}::bigint
    where organization_id = ${organizationId}::uuid and ${tokens}::bigint > 0`.execute(tenant);
}
