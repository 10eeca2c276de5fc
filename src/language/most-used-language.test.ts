import { expect, test } from "vitest";
import { mostUsedLanguage } from "./most-used-language.ts";

const GERMAN = "Wir liefern innerhalb von drei Werktagen, auch auf die Inseln.";
const ENGLISH = "We deliver within three working days, to the islands too.";
const PRICES = "A4 12,50 A3 17,90 XL 21,00";

test("a document is in the language of most of its passages", async () => {
  expect(await mostUsedLanguage([GERMAN, ENGLISH, GERMAN, PRICES])).toBe("de");
});

test("of a long document a preface in another language does not count", async () => {
  const passages = Array.from({ length: 400 }, (_, index) => (index < 20 ? GERMAN : ENGLISH));
  expect(await mostUsedLanguage(passages)).toBe("en");
});

test("a price list is in no language", async () => {
  expect(await mostUsedLanguage([PRICES])).toBeNull();
  expect(await mostUsedLanguage([])).toBeNull();
});
