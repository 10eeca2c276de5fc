import { DEMO_PHRASES } from "./demo-phrases.ts";
import type { DemoLanguage, DemoPhrases } from "./demo-phrases.ts";

/** What the demo model understands of one message of a customer. */
export type DemoMessage = {
  readonly greets: boolean;
  readonly thanks: boolean;
  readonly saysGoodbye: boolean;
  /** Everything else that was said; null when it was politeness alone. */
  readonly question: string | null;
  /** Null when nothing gives it away. */
  readonly language: DemoLanguage | null;
};

const LANGUAGES = ["en", "pt", "es", "fr", "de", "it", "tr", "id", "ar", "hi"] as const;

type Intent = "greetings" | "thanks" | "goodbyes";
type Courtesy = {
  readonly intent: Intent;
  readonly phrase: string;
  readonly language: DemoLanguage;
};

/** Takes polite words off the front of a message, one after the other, and keeps the rest. */
export function readDemoMessage(text: string): DemoMessage {
  const found: Courtesy[] = [];
  let rest = text.normalize("NFC").trim();
  for (;;) {
    const start = rest.replace(LEADING_PUNCTUATION, "");
    const courtesy = findCourtesy(start);
    if (courtesy === undefined) break;
    found.push(courtesy);
    rest = start.slice(courtesy.phrase.length).replace(/^[\s.,!;:]+/u, "");
  }
  const says = (intent: Intent) => found.some((courtesy) => courtesy.intent === intent);
  const question = HAS_WORD.test(rest) ? rest : null;
  return {
    greets: says("greetings"),
    thanks: says("thanks"),
    saysGoodbye: says("goodbyes"),
    question,
    language: (question === null ? null : guessLanguage(question)) ?? found[0]?.language ?? null,
  };
}

const LEADING_PUNCTUATION = /^[\s\p{P}\p{S}]+/u;
const HAS_WORD = /[\p{L}\p{N}]/u;
const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/** All polite phrases, the longest first, so that "good night" is not read as "good". */
const COURTESIES: readonly Courtesy[] = languages()
  .flatMap(([language, phrases]) =>
    (["greetings", "thanks", "goodbyes"] as const).flatMap((intent) =>
      phrases[intent].map((phrase) => ({ intent, phrase: phrase.normalize("NFC"), language })),
    ),
  )
  .toSorted((first, second) => second.phrase.length - first.phrase.length);

function findCourtesy(text: string): Courtesy | undefined {
  // A few characters suffice, and lower-casing may not change lengths (İ does).
  const start = text.slice(0, 40).replaceAll("İ", "I").toLowerCase();
  return COURTESIES.find(
    ({ phrase }) =>
      start.startsWith(phrase) && !/[\p{L}\p{N}\p{M}]/u.test(start.charAt(phrase.length)),
  );
}

/** By script, else by the language most of whose small words occur; null when none does. */
function guessLanguage(text: string): DemoLanguage | null {
  if (/\p{Script=Arabic}/u.test(text)) return "ar";
  if (/\p{Script=Devanagari}/u.test(text)) return "hi";
  const words = new Set(text.toLowerCase().match(WORD));
  let best: { language: DemoLanguage | null; hits: number } = { language: null, hits: 0 };
  for (const [language, { commonWords }] of languages()) {
    const hits = commonWords.filter((word) => words.has(word)).length;
    if (hits > best.hits) best = { language, hits };
  }
  return best.language;
}

function languages(): [DemoLanguage, DemoPhrases][] {
  return LANGUAGES.map((language) => [language, DEMO_PHRASES[language]]);
}
