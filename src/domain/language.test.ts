import { expect, test } from "vitest";
import { answerLanguage, languageName, languageNames, toLanguage } from "./language.ts";

test.each([
  ["tr", "tr"],
  ["hi-Latn", "hi"],
  ["pt-BR", "pt"],
  ["ja", "en"],
  [null, "en"],
])("to somebody of %j Parley speaks %s", (tag, language) => {
  expect(toLanguage(tag)).toBe(language);
});

test.each([
  ["tr", [], "tr"],
  ["tr", ["en", "tr"], "tr"],
  ["hi-Latn", ["en", "hi"], "hi-Latn"],
  ["tr", ["en", "de"], "en"],
  [null, ["en", "de"], null],
  [null, [], null],
])("who writes %j to a chatbot of %j is answered in %j", (written, allowed, answered) => {
  expect(answerLanguage(written, allowed)).toBe(answered);
});

test("languages are called by their English names", () => {
  expect(languageName("zh")).toBe("Chinese");
  expect(languageNames(["tr", "hi-Latn", "id"])).toBe(
    "Turkish, Hindi in Latin letters and Indonesian or Malay",
  );
});
