import { detectLanguage } from "./detect-language.ts";

/**
 * The language that a customer writes in, from the messages of one turn and what was known before; null
 * when nobody can tell. What is known stays until whole sentences say otherwise: one "ok" or "thanks"
 * does not make anybody English.
 */
export async function chooseLanguage(
  texts: readonly string[],
  known: string | null,
): Promise<string | null> {
  const detected = await detectLanguage(texts.join("\n"));
  if (detected === null) return known;
  return known === null || detected.isSure ? detected.language : known;
}
