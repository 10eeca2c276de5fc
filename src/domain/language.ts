/** The languages that Parley itself speaks, where a sentence is its own and not a model's. */
export const LANGUAGES = ["en", "pt", "es", "tr", "ar", "hi", "de", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * The language that Parley speaks to somebody who writes in `tag`, a BCP 47 tag such as `pt` or
 * `hi-Latn`; English when it is none of its own, or unknown.
 */
export function toLanguage(tag: string | null): Language {
  const language = tag === null ? "" : withoutScript(tag);
  return LANGUAGES.find((known) => known === language) ?? "en";
}

/**
 * The language to answer in; null: whichever the customer writes in, which nobody can tell yet.
 * @param allowed the languages that the chatbot is limited to, the first for everybody else; empty: all.
 */
export function answerLanguage(written: string | null, allowed: readonly string[]): string | null {
  if (written === null || allowed.length === 0) return written;
  const language = withoutScript(written);
  return allowed.some((tag) => withoutScript(tag) === language) ? written : (allowed[0] ?? null);
}

/** What a language is called in English, as models are told: `Turkish`, `Hindi in Latin letters`. */
export function languageName(tag: string): string {
  const spoken = tag.replace(/-Latn$/, "");
  const name = NAMES[spoken] ?? ENGLISH_NAMES.of(spoken) ?? spoken;
  return tag.endsWith("-Latn") ? `${name} in Latin letters` : name;
}

/** `Turkish`, `Turkish and German`, `Turkish, German and French`. */
export function languageNames(tags: readonly string[]): string {
  return LIST.format(tags.map(languageName));
}

/** The detector cannot tell these two apart. */
const NAMES: Readonly<Record<string, string>> = { id: "Indonesian or Malay" };
const ENGLISH_NAMES = new Intl.DisplayNames("en", { type: "language" });
const LIST = new Intl.ListFormat("en-GB", { type: "conjunction" });

function withoutScript(tag: string): string {
  return tag.split("-", 1)[0] ?? tag;
}
