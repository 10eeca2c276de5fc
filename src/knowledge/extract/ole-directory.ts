const SIGNATURE = Buffer.from("d0cf11e0a1b11ae1", "hex");
const HEADER_BYTES = 512;
const ENTRY_BYTES = 128;
const NO_SIBLING = 0xffffffff;
const END_OF_CHAIN = 0xfffffffa; // this and above are no sectors
const ROOT = 0;
const ENTRIES_MAX = 10_000; // a document has a few dozen
const LINKS_IN_HEADER = 109;

/** Whether the bytes begin like an OLE compound file (doc, xls, ppt, msg, encrypted docx). */
export function isOleFile(bytes: Uint8Array): boolean {
  return SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

/**
 * Names of the topmost streams and storages of an OLE compound file, such as "WordDocument"; those
 * inside embedded objects do not count. Empty if the file is none, or too damaged to tell.
 */
export function readOleDirectory(bytes: Uint8Array): string[] {
  if (!isOleFile(bytes) || bytes.length < HEADER_BYTES) return [];
  const directory = readDirectoryBytes(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  if (directory.length < ENTRY_BYTES) return [];
  const names: string[] = [];
  const seen = new Set<number>();
  const open = [directory.readUInt32LE(ROOT + 76)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const offset = id * ENTRY_BYTES;
    if (id === NO_SIBLING || seen.has(id) || offset + ENTRY_BYTES > directory.length) continue;
    seen.add(id);
    const nameBytes = Math.min(directory.readUInt16LE(offset + 64), 64);
    names.push(directory.toString("utf16le", offset, offset + Math.max(0, nameBytes - 2)));
    open.push(directory.readUInt32LE(offset + 68), directory.readUInt32LE(offset + 72));
  }
  return names;
}

/** The directory's sectors, followed through the allocation table. */
function readDirectoryBytes(buffer: Buffer): Buffer {
  const sectorBytes = buffer.readUInt16LE(30) === 12 ? 4096 : 512;
  const linksPerSector = sectorBytes / 4;
  const parts: Buffer[] = [];
  let sector = buffer.readUInt32LE(48);
  while (sector < END_OF_CHAIN && parts.length * sectorBytes < ENTRIES_MAX * ENTRY_BYTES) {
    const start = (sector + 1) * sectorBytes;
    if (start + sectorBytes > buffer.length) break;
    parts.push(buffer.subarray(start, start + sectorBytes));
    const table = Math.floor(sector / linksPerSector);
    if (table >= LINKS_IN_HEADER) break; // beyond 7 MB into the file; what was read until here does
    const link =
      (buffer.readUInt32LE(76 + table * 4) + 1) * sectorBytes + (sector % linksPerSector) * 4;
    if (link + 4 > buffer.length) break;
    sector = buffer.readUInt32LE(link);
  }
  return Buffer.concat(parts);
}
