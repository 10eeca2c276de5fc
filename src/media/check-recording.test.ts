import { expect, test } from "vitest";
import { checkRecording } from "./check-recording.ts";

/** An Opus stream that says that it is so long, in a file of that size. */
function voiceMessage(seconds: number, sizeBytes: number): Uint8Array {
  const file = Buffer.alloc(sizeBytes);
  file.write("OggS");
  file.write("OpusHead", 27);
  const last = sizeBytes - 100;
  file.write("OggS", last);
  file.writeBigInt64LE(BigInt(seconds) * 48_000n, last + 6);
  return file;
}

test("a voice message of half an hour is heard, a longer one is not", () => {
  expect(checkRecording(voiceMessage(1_800, 5_400_000), "audio/ogg")).toEqual({
    durationMs: 1_800_000,
    reason: null,
  });
  expect(checkRecording(voiceMessage(1_801, 5_400_000), "audio/ogg").reason).toBe("too-long");
});

test("a length that the size belies is not believed", () => {
  const sixteenMegabytes = 16 * 1024 * 1024;
  expect(checkRecording(voiceMessage(5, sixteenMegabytes), "audio/ogg").reason).toBe("too-large");
  expect(checkRecording(voiceMessage(5, 1_000_000), "audio/ogg")).toEqual({
    durationMs: null,
    reason: null,
  });
});

test.for([
  ["audio/amr", 2_900_000],
  ["audio/3gpp", 2_900_000],
  ["audio/mpeg", 7_200_000],
  ["audio/mp4", 7_200_000],
  [null, 7_200_000],
] as const)("of %s, whose length is not known, %i bytes are heard", ([mimeType, bytesMax]) => {
  expect(checkRecording(new Uint8Array(bytesMax), mimeType).reason).toBeNull();
  expect(checkRecording(new Uint8Array(bytesMax + 1), mimeType).reason).toBe("too-large");
});
