import { expect, test } from "vitest";
import { chooseLanguage } from "./choose-language.ts";

test.each([
  ["one word of English", ["ok"]],
  ["a word of thanks", ["thanks!"]],
  ["a foreign greeting", ["Hola"]],
  ["two English words", ["thank you"]],
  ["an emoji", ["👍"]],
  ["a product", ["iPhone 16 Pro Max"]],
  ["a number", ["12345"]],
  ["a word of another script", ["شكرا"]],
  ["nothing at all", []],
])("a Turkish customer stays one after %s", async (_, texts) => {
  expect(await chooseLanguage(texts, "tr")).toBe("tr");
});

test.each([
  ["en", ["I would like to return the shoes I bought last week"]],
  ["de", ["hallo", "ich möchte meine Bestellung stornieren"]],
  ["ar", ["ممكن أعرف متى يوصل الطلب"]],
  ["hi-Latn", ["mera order kab tak aayega bhai"]],
])("whole sentences make a Turkish customer one of %s", async (language, texts) => {
  expect(await chooseLanguage(texts, "tr")).toBe(language);
});

test.each([
  ["es", ["Hola"]],
  ["tr", ["merhaba"]],
  ["ko", ["안녕하세요"]],
  ["tr", ["merhaba", "👍", "iPhone 15"]],
  [null, ["ok"]],
])("of somebody new even a greeting tells: %s", async (language, texts) => {
  expect(await chooseLanguage(texts, null)).toBe(language);
});
