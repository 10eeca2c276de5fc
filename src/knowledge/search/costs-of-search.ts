import type { SearchCost } from "#store/search-costs.ts";

/** What a search says of its calls of models. */
export type BilledSearch = {
  readonly embedded: { readonly model: string; readonly tokens: number } | null;
};

/** The calls of a search that may cost something. */
export function costsOfSearch({ embedded }: BilledSearch): SearchCost[] {
  return embedded === null ? [] : [{ kind: "embedding", ...embedded }];
}
