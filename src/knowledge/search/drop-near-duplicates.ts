import { foldText } from "#domain/tokenize.ts";

/** Share of its word pairs that a passage may have in common with a better one. */
const COMMON_SHARE_MAX = 0.85;

/**
 * The first `count` passages that are not nearly the same as one before: the same page saved twice,
 * two issues of one price list, a footer. They would take the place of something new.
 */
export function dropNearDuplicates<Passage extends { readonly text: string }>(
  passages: readonly Passage[],
  count: number,
): Passage[] {
  const kept: { readonly passage: Passage; readonly pairs: ReadonlySet<string> }[] = [];
  for (const passage of passages) {
    if (kept.length >= count) break;
    const pairs = toPairs(passage.text);
    if (!kept.some((better) => isNearlySame(pairs, better.pairs))) kept.push({ passage, pairs });
  }
  return kept.map(({ passage }) => passage);
}

function isNearlySame(pairs: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  let common = 0;
  for (const pair of pairs) if (others.has(pair)) common += 1;
  return common > COMMON_SHARE_MAX * Math.max(pairs.size, others.size);
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/** Neighbouring words; of a text without spaces, neighbouring characters. */
function toPairs(text: string): ReadonlySet<string> {
  const folded = foldText(text);
  const words = folded.match(WORD) ?? [];
  const isSpaced = words.length * SPACED_WORD_LETTERS_MAX > folded.length;
  const parts = isSpaced ? words : Array.from(folded.replace(/\s/gu, ""));
  if (parts.length === 1) return new Set(parts);
  return new Set(parts.slice(1).map((part, index) => `${parts[index]} ${part}`));
}

/** Longer "words" on average are sentences of a language without spaces. */
const SPACED_WORD_LETTERS_MAX = 15;
