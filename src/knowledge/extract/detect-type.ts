import { decodeTextStart } from "./decode-text.ts";
import { documentError } from "./document-error.ts";
import type { DocumentFile, Extractor, InspectedFile } from "./extractor.ts";
import { EXTRACTORS } from "./extractors.ts";
import { readOleDirectory, isOleFile } from "./ole-directory.ts";
import { readZipDirectory } from "./zip-directory.ts";

const ZIP = "a zip archive";

/** A file's type, and what was seen of it on the way. */
export type DetectedType = { readonly extractor: Extractor; readonly file: InspectedFile };

/**
 * Finds a document's type from its bytes. Cheap and safe in any process: it unpacks nothing and reads
 * directories and beginnings only. Throws DOCUMENT_EMPTY, DOCUMENT_PASSWORD_PROTECTED,
 * DOCUMENT_CORRUPT and DOCUMENT_TYPE_UNSUPPORTED.
 */
export function detectType(
  file: DocumentFile,
  extractors: readonly Extractor[] = EXTRACTORS,
): DetectedType {
  if (isBlank(file.bytes)) throw documentError("DOCUMENT_EMPTY");
  const inspected = inspect(file);
  if (inspected.oleStreams.includes("EncryptedPackage")) {
    throw documentError("DOCUMENT_PASSWORD_PROTECTED"); // Word, Excel and PowerPoint lock files so
  }
  const extractor = extractors.find(({ recognises }) => recognises(inspected));
  if (extractor === undefined) throw explainUnknown(inspected);
  return { extractor, file: inspected };
}

function inspect(file: DocumentFile): InspectedFile {
  const zipEntries = (readZipDirectory(file.bytes) ?? []).map(({ name }) => name);
  const oleStreams = readOleDirectory(file.bytes);
  const textStart =
    nameOfKind(file.bytes) === null ? decodeTextStart(file.bytes, file.charset) : null;
  return { ...file, zipEntries, oleStreams, textStart };
}

/** Beginnings of files that are no documents to us, in hexadecimal, and what people call them. */
const KINDS: readonly (readonly [beginning: RegExp, name: string])[] = [
  [/^504b(0304|0506|0708)/, ZIP],
  [/^d0cf11e0/, "an old Office file"],
  [/^7b5c727466/, "an RTF document"], // {\rtf
  [/^25215053/, "a PostScript file"], // %!PS
  [/^(89504e47|ffd8ff|47494638|49492a00|4d4d002a)/, "a picture"], // PNG, JPEG, GIF, TIFF
  [/^(52494646.{8}57454250|.{8}66747970(68656963|6d696631|61766966))/, "a picture"], // WEBP, HEIC, AVIF
  [/^(494433|4f676753|664c6143|52494646|.{8}66747970|1a45dfa3)/, "a recording or film"], // MP3, Ogg, FLAC, WAV, MP4, MKV
  [/^(1f8b|377abcaf|52617221|425a68|fd377a585a)/, "a packed archive"], // gzip, 7z, RAR, bzip2, xz
  [/^(4d5a[0-9a-f]{2}00|7f454c46|cafebabe|cffaedfe)/, "a program"],
  [/^53514c69746520666f726d6174/, "a database"], // SQLite
];

/** What is in a packed file that is no Word document, by the name of a file in it. */
const PACKED_KINDS: readonly (readonly [entry: RegExp, name: string])[] = [
  [/^(xl\/|Workbook$|Book$)/, "an Excel workbook"],
  [/^(ppt\/|PowerPoint Document$)/, "a PowerPoint presentation"],
  [/^META-INF\/container\.xml$/, "an e-book (EPUB)"],
  [/^content\.xml$/, "an OpenDocument file"],
  [/^__(properties|nameid)_/, "an Outlook message"],
  [/^Index\/.*\.iwa$/, "an Apple iWork file"],
];

function nameOfKind(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.subarray(0, 32)).toString("hex");
  return KINDS.find(([beginning]) => beginning.test(start))?.[1] ?? null;
}

function explainUnknown(file: InspectedFile): Error {
  const isZip = nameOfKind(file.bytes) === ZIP;
  if (
    (isZip && file.zipEntries.length === 0) ||
    (isOleFile(file.bytes) && file.oleStreams.length === 0)
  ) {
    return documentError("DOCUMENT_CORRUPT"); // packed, but its directory is cut off
  }
  const names = [...file.zipEntries, ...file.oleStreams];
  const packed = PACKED_KINDS.find(([entry]) => names.some((name) => entry.test(name)))?.[1];
  const kind = packed ?? nameOfKind(file.bytes);
  if (kind === null) return documentError("DOCUMENT_TYPE_UNSUPPORTED");
  return documentError("DOCUMENT_TYPE_UNSUPPORTED", {
    message: `The file is ${kind}, which cannot be read. Save its text as PDF, Word (docx), CSV, HTML or plain text and upload that.`,
  });
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}
