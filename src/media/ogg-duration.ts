/** Opus counts in samples of 48 kHz, whatever was recorded. */
const SAMPLES_PER_MS = 48;
const PAGE = Buffer.from("OggS");
const OPUS_HEAD = Buffer.from("OpusHead");
/** Where a page says how many samples have passed at its end. */
const GRANULE_OFFSET = 6;
const PAGE_HEADER_BYTES = 27;
/** In the header of Opus: samples before the recording begins. */
const PRE_SKIP_OFFSET = 10;

/**
 * How long a voice message of WhatsApp (Opus in Ogg) is, in milliseconds; null for other recordings and
 * for damaged ones. Reads the beginning and the last page only.
 */
export function oggDurationMs(bytes: Uint8Array): number | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!file.subarray(0, PAGE.length).equals(PAGE)) return null;
  const head = file.subarray(0, 256).indexOf(OPUS_HEAD);
  const last = file.lastIndexOf(PAGE);
  if (
    head < 0 ||
    file.length < head + PRE_SKIP_OFFSET + 2 ||
    file.length < last + PAGE_HEADER_BYTES
  )
    return null;
  const samples = file.readBigInt64LE(last + GRANULE_OFFSET);
  const preSkip = file.readUInt16LE(head + PRE_SKIP_OFFSET);
  if (samples <= 0n || samples > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  return Math.max(0, Math.round((Number(samples) - preSkip) / SAMPLES_PER_MS));
}
