import { analyse } from "chardet";

/** A text and the encoding that it was found to be in. */
export type DecodedText = {
  readonly text: string;
  readonly encoding: string;
  /** Whether some bytes were none in this encoding and became U+FFFD. */
  readonly hasLosses: boolean;
};

const SAMPLE_BYTES = 64 * 1024;
const DECLARATION_BYTES = 2048;
/** Of the characters beyond ASCII. */
const WRONG_SHARE_MAX = 0.1;
const CONFIDENCE_MIN = 10; // of 100; below, the guess is worse than Western European

/**
 * Decodes text of any encoding: by its byte order mark, by UTF-8's own proof, by what the server or the
 * page declares, and at last by the statistics of its letters. null if the bytes are no text.
 */
export function decodeText(bytes: Uint8Array, charset: string | null = null): DecodedText | null {
  const marked = decodeByMark(bytes);
  if (marked !== null) return marked;
  const wide = guessUtf16(bytes);
  if (wide !== null) return decodeWide(bytes, wide);
  if (isBinary(bytes)) return null;
  const declared = [charset, declaredCharset(bytes)].filter((name) => name !== null);
  const shifts = bytes.includes(0x1b) ? ["iso-2022-jp"] : []; // it hides in ASCII behind ESC
  for (const encoding of [...shifts, "utf-8", ...declared]) {
    const text = decodeStrictly(bytes, encoding);
    if (text !== null) return { text, encoding, hasLosses: false };
  }
  return decodeNearlyUtf8(bytes) ?? decodeByStatistics(bytes);
}

/** The beginning of a text, for a look at what kind it is; null if the bytes are no text. */
export function decodeTextStart(bytes: Uint8Array, charset: string | null): string | null {
  const start = bytes.subarray(0, SAMPLE_BYTES);
  // A character cut in two at the end would speak against UTF-8; text is whole up to a line's end.
  const lineEnd = start.length < bytes.length ? start.lastIndexOf(0x0a) : -1;
  return decodeText(lineEnd > 0 ? start.subarray(0, lineEnd) : start, charset)?.text ?? null;
}

function decodeByMark(bytes: Uint8Array): DecodedText | null {
  const mark = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  if (mark.startsWith("efbbbf")) return decodeLossy(bytes, "utf-8");
  if (mark === "fffe0000") return decodeUtf32(bytes, "utf-32le");
  if (mark === "0000feff") return decodeUtf32(bytes, "utf-32be");
  if (mark.startsWith("fffe")) return decodeLossy(bytes, "utf-16le");
  if (mark.startsWith("feff")) return decodeLossy(bytes, "utf-16be");
  return null;
}

/** UTF-16 without a mark: in most scripts one byte of each pair is nearly always the same, 0 in Latin. */
function guessUtf16(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  const sample = bytes.subarray(0, 4096);
  const zeros = [0, 0];
  for (const [index, byte] of sample.entries()) {
    if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = zeros;
  const many = sample.length / 8;
  if (sample.length < 4 || bytes.length % 2 === 1) return null;
  if (odd > many && even < odd / 20) return "utf-16le";
  return even > many && odd < even / 20 ? "utf-16be" : null;
}

/** Samples and small numbers in binary files look like UTF-16 too, but full of control characters. */
function decodeWide(bytes: Uint8Array, encoding: string): DecodedText | null {
  const decoded = decodeLossy(bytes, encoding);
  const strange = decoded.text.slice(0, SAMPLE_BYTES).match(/[\p{Cc}\p{Cn}\uFFFD]/gu) ?? [];
  const controls = strange.filter((character) => !/\s/.test(character)).length;
  return controls > decoded.text.length / 100 ? null : decoded;
}

/** Text has no zero bytes and hardly any control characters. */
function isBinary(bytes: Uint8Array): boolean {
  let controls = 0;
  for (const byte of bytes) {
    if (byte === 0) return true;
    const isUsual = byte >= 0x20 || (byte >= 0x08 && byte <= 0x0d) || byte === 0x1b;
    if (!isUsual) controls += 1;
  }
  return controls > bytes.length / 100;
}

/** What an HTML page or an XML file says about itself. */
function declaredCharset(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.subarray(0, DECLARATION_BYTES)).toString("latin1");
  const [, name] =
    /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]+)|^<\?xml[^>]{0,100}encoding=["']([\w-]+)/i.exec(
      start,
    ) ?? [];
  return name ?? null;
}

/** UTF-8 with a few wrong bytes: hardly any other text has so many sequences that are right. */
function decodeNearlyUtf8(bytes: Uint8Array): DecodedText | null {
  const decoded = decodeLossy(bytes, "utf-8");
  const wrong = decoded.text.match(/\uFFFD/g)?.length ?? 0;
  const right = decoded.text.match(/[^\p{ASCII}\uFFFD]/gu)?.length ?? 0;
  return wrong <= right * WRONG_SHARE_MAX ? decoded : null;
}

function decodeByStatistics(bytes: Uint8Array): DecodedText {
  const first = bytes.findIndex((byte) => byte >= 0x80);
  const from = Math.max(0, first - 1024);
  const guesses = analyse(bytes.subarray(from, from + SAMPLE_BYTES));
  for (const { name, confidence } of guesses) {
    if (confidence < CONFIDENCE_MIN) break;
    if (name === "UTF-8") continue; // tried, and refuted by too many bytes
    // Windows' sets hold all of ISO's letters, and the dashes and quotes that people type.
    const text = decodeStrictly(bytes, name.replace("ISO-8859-1", "windows-1252"));
    if (text !== null) return { text, encoding: name.toLowerCase(), hasLosses: false };
  }
  return decodeLossy(bytes, "windows-1252");
}

function decodeStrictly(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null; // unknown encoding, or not in this encoding
  }
}

function decodeLossy(bytes: Uint8Array, encoding: string): DecodedText {
  const text = new TextDecoder(encoding).decode(bytes);
  return { text, encoding, hasLosses: text.includes("\uFFFD") };
}

function decodeUtf32(bytes: Uint8Array, encoding: "utf-32le" | "utf-32be"): DecodedText {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: string[] = [];
  for (let offset = 4; offset + 4 <= bytes.length; offset += 4) {
    const point = view.getUint32(offset, encoding === "utf-32le");
    parts.push(point <= 0x10ffff ? String.fromCodePoint(point) : "\uFFFD");
  }
  const text = parts.join("");
  return { text, encoding, hasLosses: text.includes("\uFFFD") };
}
