import { detectLanguage } from "./detect-language.ts";

/** Passages looked at, which takes a millisecond: a document of two languages shows both. */
const SAMPLES_MAX = 15;

/**
 * What most of a document is written in (ISO 639-1), from some of its passages; null when it says too
 * little, as a price list does.
 */
export async function mostUsedLanguage(passages: readonly string[]): Promise<string | null> {
  const step = Math.max(1, passages.length / SAMPLES_MAX);
  const votes = new Map<string, number>();
  for (let place = step / 2; place < passages.length; place += step) {
    const detected = await detectLanguage(passages[Math.floor(place)] ?? "");
    if (detected?.isSure !== true) continue;
    votes.set(detected.language, (votes.get(detected.language) ?? 0) + 1);
  }
  const [most] = [...votes].toSorted(([, first], [, second]) => second - first);
  return most?.[0] ?? null;
}
