import { createHash } from "node:crypto";

/** Comment of the Opus stream that holds what is said; whoever transcribes in the simulator reads it. */
const WORDS_KEY = "DESCRIPTION=";

/** Somebody who speaks calmly takes so long for a word, in milliseconds. */
const WORD_MS = 400;
const FRAME_MS = 20;
const FRAMES_PER_PAGE = 50;
/** Opus counts in samples of 48 kHz. */
const SAMPLES_PER_MS = 48;
/** A frame of 20 ms of silence, coded with CELT at full bandwidth. */
const SILENT_FRAME = Buffer.from([0xf8, 0xff, 0xfe]);

/**
 * A voice message as WhatsApp records them (Opus in Ogg, mono): silent, as long as it takes to say the
 * words, and with the words in its comment.
 */
export function buildVoiceNote(words: string): Uint8Array {
  const serial = createHash("sha256").update(words).digest().readUInt32LE(0);
  const frames = Math.ceil((Math.max(2, words.split(/\s+/u).length) * WORD_MS) / FRAME_MS);
  const pages = [
    page({ serial, sequence: 0, flags: 2, granule: 0, packets: [opusHead()] }),
    page({ serial, sequence: 1, flags: 0, granule: 0, packets: [opusTags(words)] }),
  ];
  for (let done = 0; done < frames;) {
    const count = Math.min(FRAMES_PER_PAGE, frames - done);
    done += count;
    pages.push(
      page({
        serial,
        sequence: pages.length,
        flags: done === frames ? 4 : 0,
        granule: done * FRAME_MS * SAMPLES_PER_MS,
        packets: Array.from({ length: count }, () => SILENT_FRAME),
      }),
    );
  }
  return Buffer.concat(pages);
}

/** What is said in a voice message of ours; undefined for any other recording. */
export function wordsOf(recording: Uint8Array): string | undefined {
  const bytes = Buffer.from(recording.buffer, recording.byteOffset, recording.byteLength);
  const key = bytes.indexOf(WORDS_KEY);
  if (key < 4) return undefined;
  const length = bytes.readUInt32LE(key - 4);
  return bytes.toString("utf8", key + WORDS_KEY.length, key + length);
}

function opusHead(): Buffer {
  const head = Buffer.alloc(19);
  head.write("OpusHead", 0, "latin1");
  head.writeUInt8(1, 8); // version
  head.writeUInt8(1, 9); // channels
  head.writeUInt32LE(48_000, 12);
  return head;
}

function opusTags(words: string): Buffer {
  const comment = Buffer.from(WORDS_KEY + words);
  return Buffer.concat([
    Buffer.from("OpusTags"),
    size(9),
    Buffer.from("simulator"),
    size(1),
    size(comment.length),
    comment,
  ]);
}

function size(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

type Page = {
  readonly serial: number;
  readonly sequence: number;
  /** 2: first page of the stream, 4: last. */
  readonly flags: number;
  readonly granule: number;
  readonly packets: readonly Buffer[];
};

/** Packets of less than 64 kB together; longer words would need several pages. */
function page({ serial, sequence, flags, granule, packets }: Page): Buffer {
  const lacing = packets.flatMap(({ length }) => [
    ...Array.from({ length: Math.floor(length / 255) }, () => 255),
    length % 255,
  ]);
  const header = Buffer.alloc(27);
  header.write("OggS", 0, "latin1");
  header.writeUInt8(flags, 5);
  header.writeBigInt64LE(BigInt(granule), 6);
  header.writeUInt32LE(serial, 14);
  header.writeUInt32LE(sequence, 18);
  header.writeUInt8(lacing.length, 26);
  const whole = Buffer.concat([header, Buffer.from(lacing), ...packets]);
  whole.writeUInt32LE(oggChecksum(whole), 22);
  return whole;
}

/** CRC-32 as Ogg has it: polynomial 0x04c11db7, not reflected, starting from zero. */
function oggChecksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1)
      crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
