/** The library's code for Malay, of which its Indonesian is a part. */
const MALAY = "ms";

/**
 * How well a text fits each language, by its letter sequences: from 0 to 1, the best first. Loads the
 * statistics when it is first called.
 */
export async function scoreLanguages(
  text: string,
  candidates: readonly string[],
): Promise<ReadonlyArray<{ readonly language: string; readonly score: number }>> {
  const { eld } = await import("eld/extrasmall");
  const scores = Object.entries(eld.detect(text).getScores()).map(([code, score]) => ({
    language: code === MALAY ? "id" : code,
    score,
  }));
  return scores.filter(({ language }) => candidates.includes(language));
}
