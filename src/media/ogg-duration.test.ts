import { expect, test } from "vitest";
import { oggDurationMs } from "./ogg-duration.ts";

/** Two pages of an Opus stream that ends after so many samples. */
function voiceMessage(samples: bigint, preSkip: number): Buffer {
  const page = (granule: bigint, body: Buffer) => {
    const header = Buffer.alloc(27);
    header.write("OggS");
    header.writeBigInt64LE(granule, 6);
    return Buffer.concat([header, body]);
  };
  const head = Buffer.alloc(19);
  head.write("OpusHead");
  head.writeUInt16LE(preSkip, 10);
  return Buffer.concat([page(0n, head), page(samples, Buffer.from("sound"))]);
}

test("the last page tells how long a voice message is", () => {
  expect(oggDurationMs(voiceMessage(48_000n * 7n + 312n, 312))).toBe(7_000);
});

test("of other and of broken recordings it is not known", () => {
  expect(oggDurationMs(Buffer.from("ID3 music"))).toBeNull();
  expect(oggDurationMs(Buffer.from("OggS"))).toBeNull();
  expect(oggDurationMs(voiceMessage(-1n, 0))).toBeNull();
  expect(oggDurationMs(new Uint8Array())).toBeNull();
});
