import fc from "fast-check";
import { expect, test } from "vitest";
import { detectLanguage } from "./detect-language.ts";
import {
  HELD_OUT,
  HELD_OUT_NONE,
  MESSAGES,
  MIXED,
  NONE,
  TRANSLITERATED,
} from "./sample-messages-for-tests.ts";

/** The statistics do not have the first; short, the second cannot be told from Turkish. */
const UNKNOWN = "sw";
const HARD = "az";

test.each(
  Object.entries(MESSAGES).filter(([language]) => language !== UNKNOWN && language !== HARD),
)("most messages in %s are told to be, however short", async (language, messages) => {
  const detected = await Promise.all(messages.map(detectLanguage));
  const right = detected.filter((found) => found?.language === language);
  expect(right.length).toBeGreaterThanOrEqual(Math.floor(messages.length * 0.8));
});

test("of messages that the detector was not tuned with, nine of ten are told", async () => {
  const told = await Promise.all(pairsOf(HELD_OUT).map(judge));
  expect(told.length).toBe(100);
  expect(told.filter((verdict) => verdict === "right").length).toBeGreaterThanOrEqual(90);
  expect(told.filter((verdict) => verdict === "surely wrong")).toEqual([]);
});

test("no short message changes a language by mistake", async () => {
  const told = await Promise.all(
    pairsOf(MESSAGES)
      .filter(([language]) => language !== UNKNOWN)
      .map(judge),
  );
  expect(told.filter((verdict) => verdict === "surely wrong")).toEqual([]);
});

test.each([...NONE, ...HELD_OUT_NONE])("%j is in no language", async (text) => {
  expect(await detectLanguage(text)).toBeNull();
});

test.each(MIXED)("a message with foreign words in it is in %s: %j", async (language, text) => {
  expect((await detectLanguage(text))?.language).toBe(language);
});

test("Hindi is told in Latin letters too; of others written so few are taken for another", async () => {
  const hindi = TRANSLITERATED.filter(([language]) => language === "hi");
  for (const [, text] of hindi) expect((await detectLanguage(text))?.language).toBe("hi-Latn");
  const others = TRANSLITERATED.filter(([language]) => language !== "hi");
  const told = await Promise.all(others.map(([, text]) => detectLanguage(text)));
  expect(told.filter((detected) => detected !== null).length).toBeLessThanOrEqual(4);
});

test("whatever is written, the answer is a language tag or none", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 60 }), async (text) => {
      const detected = await detectLanguage(text);
      expect(detected?.language ?? "en").toMatch(/^[a-z]{2}(-Latn)?$/);
    }),
  );
});

function pairsOf(messages: Readonly<Record<string, readonly string[]>>) {
  return Object.entries(messages).flatMap(([language, texts]) =>
    texts.map((text) => [language, text] as const),
  );
}

async function judge([language, text]: readonly [string, string]) {
  const detected = await detectLanguage(text);
  if (detected === null) return "undecided";
  if (detected.language === language) return "right";
  return detected.isSure ? "surely wrong" : "wrong";
}
