import type { SearchCost } from "#store/search-costs.ts";

/** What a search says of its calls of models. */
export type BilledSearch = {
  readonly embedded: { readonly model: string; readonly tokens: number } | null;
  readonly reranked: { readonly model: string; readonly tokens: number } | null;
};

/** The calls of a search that may cost something. */
export function costsOfSearch({ embedded, reranked }: BilledSearch): SearchCost[] {
  return [
    ...(embedded === null ? [] : [{ kind: "embedding" as const, ...embedded }]),
    ...(reranked === null ? [] : [{ kind: "reranking" as const, ...reranked }]),
  ];
}
