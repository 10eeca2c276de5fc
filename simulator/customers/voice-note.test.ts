import { expect, test } from "vitest";
import { buildVoiceNote, wordsOf } from "./voice-note.ts";

test("what is said in a voice message can be heard again", () => {
  for (const words of ["Hello", "Olá, estão abertos? 🥖", "word ".repeat(2_000).trim()])
    expect(wordsOf(buildVoiceNote(words))).toBe(words);
});

test("another recording says nothing", () => {
  expect(wordsOf(Buffer.from("OggS and more"))).toBeUndefined();
  expect(wordsOf(new Uint8Array())).toBeUndefined();
});

test("the same words make the same file, and others another", () => {
  expect(buildVoiceNote("one")).toEqual(buildVoiceNote("one"));
  expect(buildVoiceNote("one")).not.toEqual(buildVoiceNote("two"));
});
