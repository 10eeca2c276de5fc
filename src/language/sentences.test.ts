import { expect, test } from "vitest";
import { LANGUAGES } from "#domain/language.ts";
import { detectLanguage } from "./detect-language.ts";
import { sentence } from "./sentences.ts";

/** All but the words on buttons, which are too short to tell. */
const NAMES = [
  "failure",
  "partlyDone",
  "quotaReached",
  "handedOver",
  "nobodyCame",
  "back",
  "closed",
  "optedOut",
  "optedIn",
] as const;

test.each(LANGUAGES)("what Parley says in %s is in that language", async (language) => {
  for (const name of NAMES)
    expect(await detectLanguage(sentence(name, language))).toEqual({ language, isSure: true });
});

test("a customer of another language is spoken to in English", () => {
  expect(sentence("failure", "ja")).toBe(sentence("failure", "en"));
  expect(sentence("failure", null)).toBe(sentence("failure", "en"));
});
