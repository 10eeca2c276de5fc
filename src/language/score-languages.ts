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
  library ??= loadLibrary();
  const { eld } = await library;
  const scores: Array<{ readonly language: string; readonly score: number }> = [];
  for (const [code, score] of Object.entries(eld.detect(text).getScores())) {
    const language = code === MALAY ? "id" : code;
    if (candidates.includes(language)) scores.push({ language, score });
  }
  return scores;
}

/** Asked for once: even a kept module costs time to import again. */
let library: ReturnType<typeof loadLibrary> | undefined;

const loadLibrary = () => import("eld/extrasmall");
