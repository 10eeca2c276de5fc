import { inflateRawSync } from "node:zlib";

/** A file in a zip file, as the directory at its end tells of it. */
export type ZipEntry = {
  readonly name: string;
  readonly method: number;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly headerOffset: number;
  readonly isEncrypted: boolean;
};

const END_SIGNATURE = Buffer.from("PK\u0005\u0006", "latin1");
const END_BYTES = 22;
const END_SEARCH_BYTES = END_BYTES + 65_535; // a comment of this length may follow it
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;

/**
 * The directory of a zip file, read without unpacking anything; null if the bytes have none. Zip64
 * needs no care here: it is for files beyond 4 GB or 65,535 entries, which no document is.
 */
export function readZipDirectory(bytes: Uint8Array): ZipEntry[] | null {
  const buffer = asBuffer(bytes);
  if (buffer.toString("latin1", 0, 2) !== "PK") return null;
  const end = buffer.lastIndexOf(END_SIGNATURE);
  if (end < Math.max(0, buffer.length - END_SEARCH_BYTES) || end + END_BYTES > buffer.length) {
    return null;
  }
  const count = buffer.readUInt16LE(end + 10);
  const entries: ZipEntry[] = [];
  let offset = buffer.readUInt32LE(end + 16);
  while (entries.length < count) {
    const entry = readEntry(buffer, offset);
    if (entry === null) return null;
    entries.push(entry.entry);
    offset = entry.next;
  }
  return entries;
}

/**
 * Unpacks one file of a zip file; null if it is not there or damaged. `bytesMax` guards against a
 * directory that lies about its size.
 */
export function readZipEntry(
  bytes: Uint8Array,
  entry: ZipEntry | undefined,
  bytesMax: number,
): Buffer | null {
  const buffer = asBuffer(bytes);
  if (entry === undefined || entry.headerOffset + LOCAL_BYTES > buffer.length) return null;
  const nameBytes = buffer.readUInt16LE(entry.headerOffset + 26);
  const extraBytes = buffer.readUInt16LE(entry.headerOffset + 28);
  const start = entry.headerOffset + LOCAL_BYTES + nameBytes + extraBytes;
  const packed = buffer.subarray(start, start + entry.packedBytes);
  if (entry.method === STORED) return packed;
  if (entry.method !== DEFLATED) return null;
  try {
    return inflateRawSync(packed, { maxOutputLength: bytesMax });
  } catch {
    return null;
  }
}

function readEntry(
  buffer: Buffer,
  offset: number,
): { readonly entry: ZipEntry; readonly next: number } | null {
  if (offset + ENTRY_BYTES > buffer.length) return null;
  if (buffer.readUInt32LE(offset) !== ENTRY_SIGNATURE) return null;
  const nameBytes = buffer.readUInt16LE(offset + 28);
  const extraBytes = buffer.readUInt16LE(offset + 30);
  const commentBytes = buffer.readUInt16LE(offset + 32);
  const nameStart = offset + ENTRY_BYTES;
  return {
    entry: {
      name: buffer.toString("utf8", nameStart, nameStart + nameBytes),
      method: buffer.readUInt16LE(offset + 10),
      packedBytes: buffer.readUInt32LE(offset + 20),
      unpackedBytes: buffer.readUInt32LE(offset + 24),
      headerOffset: buffer.readUInt32LE(offset + 42),
      isEncrypted: (buffer.readUInt16LE(offset + 8) & 1) === 1,
    },
    next: nameStart + nameBytes + extraBytes + commentBytes,
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
