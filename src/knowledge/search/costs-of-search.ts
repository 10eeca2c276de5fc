import type { SearchCost } from "#store/search-costs.ts";
import { costOfEmbedding, costOfReranking } from "#usage/cost-of-search.ts";

/** What a search says of its calls of models. */
export type BilledSearch = {
  readonly embedded: { readonly model: string; readonly tokens: number } | null;
  readonly reranked: { readonly model: string; readonly tokens: number } | null;
};

/**
 * What searches have cost: embeddings once for each model, unless they were free, and each re-ranking by
 * itself, since some providers bill calls and not tokens. An unknown price stays unknown.
 */
export function costsOfSearches(searches: readonly BilledSearch[]): SearchCost[] {
  const embeddings = Map.groupBy(
    searches.flatMap(({ embedded }) => (embedded !== null && embedded.tokens > 0 ? embedded : [])),
    ({ model }) => model,
  );
  return [
    ...[...embeddings].map(([model, calls]) => {
      const tokens = calls.reduce((sum, call) => sum + call.tokens, 0);
      return {
        kind: "embedding" as const,
        model,
        tokens,
        costMicros: costOfEmbedding(model, tokens),
      };
    }),
    ...searches.flatMap(({ reranked }) =>
      reranked === null
        ? []
        : { kind: "reranking" as const, ...reranked, costMicros: costOfReranking(reranked.model) },
    ),
  ];
}
