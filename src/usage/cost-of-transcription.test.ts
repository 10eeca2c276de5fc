import { expect, test } from "vitest";
import { costOfTranscription } from "./cost-of-transcription.ts";

test("a minute costs what the table says", () => {
  expect(costOfTranscription("openai:whisper-1", 60_000)).toBe(6_000);
  expect(costOfTranscription("openai:gpt-4o-mini-transcribe", 60_000)).toBe(3_000);
});

test("what is not known is unknown, never free", () => {
  expect(costOfTranscription("openai-compatible:whisper", 60_000)).toBeNull();
  expect(costOfTranscription("openai:whisper-1", null)).toBeNull();
});
