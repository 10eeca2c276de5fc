import type { CandidatePassage } from "#store/knowledge-search.ts";

/**
 * Joins what a question and its translation have found. A passage counts by the one that fits it better:
 * scores of the same documents and model can be compared, and words of a language that no passage has
 * score nothing.
 */
export function mergeCandidates(
  searches: ReadonlyArray<readonly CandidatePassage[]>,
): readonly CandidatePassage[] {
  const merged = new Map<string, CandidatePassage>();
  for (const candidate of searches.flat()) {
    const known = merged.get(candidate.chunkId);
    merged.set(candidate.chunkId, known === undefined ? candidate : better(known, candidate));
  }
  return [...merged.values()];
}

function better(known: CandidatePassage, other: CandidatePassage): CandidatePassage {
  const similarities = [known, other].flatMap(({ similarity }) => similarity ?? []);
  return {
    ...known,
    similarity: similarities.length === 0 ? null : Math.max(...similarities),
    lexical: Math.max(known.lexical, other.lexical),
  };
}
