import { z } from "zod";

/** A sentence that answers a question, and the document that says so. */
export type Quote = { readonly text: string; readonly source: string | null };

const Passage = z.object({
  text: z.string().optional(),
  content: z.string().optional(),
  source: z.string().optional(),
  source_name: z.string().optional(),
  title: z.string().optional(),
});

/** What a search returns: passages, alone or inside an object. Anything else holds no passage. */
const SearchResult = z.union([
  z.array(Passage),
  z.object({ passages: z.array(Passage) }).transform(({ passages }) => passages),
]);

const SENTENCES_MAX = 2;
const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/**
 * The sentences that share the most words with the question, of the passage that has the best one,
 * in their order; null when no passage shares any word that says something.
 */
export function quotePassages(question: string, searchResult: unknown): Quote | null {
  const parsed = SearchResult.safeParse(searchResult);
  if (!parsed.success) return null;
  const asked = new Set(stems(question));
  const candidates = parsed.data.map((passage) => {
    const sentences = toSentences(passage.text ?? passage.content ?? "").map((text) => ({
      text,
      score: new Set(stems(text).filter((stem) => asked.has(stem))).size,
    }));
    return {
      sentences,
      source: passage.source ?? passage.source_name ?? passage.title ?? null,
      score: Math.max(0, ...sentences.map(({ score }) => score)),
    };
  });
  const best = candidates.toSorted((first, second) => second.score - first.score)[0];
  if (best === undefined || best.score === 0) return null;
  const chosen = best.sentences
    .toSorted((first, second) => second.score - first.score)
    .slice(0, SENTENCES_MAX)
    .filter(({ score }) => score === best.score);
  const inOrder = best.sentences.filter((sentence) => chosen.includes(sentence));
  return { text: inOrder.map(({ text }) => text).join(" "), source: best.source };
}

function toSentences(text: string): string[] {
  const segments = new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(text);
  return Array.from(segments, ({ segment }) => segment.trim()).filter(
    (sentence) => sentence !== "",
  );
}

/** Words of four letters and more, cut to five: a poor man's stemmer, the same in any language. */
function stems(text: string): string[] {
  const words = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().match(WORD) ?? [];
  return words
    .filter((word) => word.length >= 4 || /\p{N}/u.test(word))
    .map((word) => word.slice(0, 5));
}
