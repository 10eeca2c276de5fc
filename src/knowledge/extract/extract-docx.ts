import { createBlockList } from "./block-list.ts";
import { documentError } from "./document-error.ts";
import type { ExtractionLimits } from "./extraction-limits.ts";
import type { ExtractedDocument, Extractor, InspectedFile } from "./extractor.ts";
import { htmlToBlocks } from "./html-to-blocks.ts";
import { parseHtml, type HtmlDocument } from "./parse-html.ts";
import { readZipDirectory, readZipEntry, type ZipEntry } from "./zip-directory.ts";

const PROPERTIES_BYTES_MAX = 1024 * 1024;

/** Word since 2007: headings, lists, tables, text boxes; footnotes stand where they are referred to. */
export const docxExtractor: Extractor = {
  type: "docx",
  sourceType: "docx",
  mediaType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  recognises: ({ zipEntries }) =>
    zipEntries.includes("[Content_Types].xml") &&
    zipEntries.some((name) => /^word\/document\d*\.xml$/.test(name)),
  extract: extractDocx,
};

async function extractDocx(
  file: InspectedFile,
  limits: ExtractionLimits,
): Promise<ExtractedDocument> {
  const entries = readZipDirectory(file.bytes) ?? [];
  const unpackedBytes = entries.reduce((sum, entry) => sum + entry.unpackedBytes, 0);
  if (unpackedBytes > limits.unpackedBytesMax) throw documentError("DOCUMENT_TOO_LARGE_UNPACKED");
  if (entries.some(({ isEncrypted }) => isEncrypted)) {
    throw documentError("DOCUMENT_PASSWORD_PROTECTED");
  }
  checkTrueSizes(file.bytes, entries);
  const document = parseHtml(await convertToHtml(file.bytes));
  placeNotes(document);
  const list = createBlockList(limits);
  htmlToBlocks(document.body, list, { url: null });
  const properties = readProperties(file.bytes, entries);
  return { ...properties, blocks: list.finish(), warnings: [] };
}

/** A directory that says less than there is would let a bomb pass; reading stops where it lies. */
function checkTrueSizes(bytes: Uint8Array, entries: readonly ZipEntry[]): void {
  for (const entry of entries) {
    if (!/\.(xml|rels)$/.test(entry.name)) continue; // nothing else is ever unpacked
    const unpacked = readZipEntry(bytes, entry, Math.max(1, entry.unpackedBytes));
    if (unpacked === null && entry.unpackedBytes > 0) throw documentError("DOCUMENT_CORRUPT");
  }
}

async function convertToHtml(bytes: Uint8Array): Promise<string> {
  const { default: mammoth } = await import("mammoth");
  const result = await mammoth.convertToHtml(
    { buffer: Buffer.from(bytes) },
    {
      // A picture would become megabytes of base64 "text".
      convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: "" })),
      styleMap: [
        "p[style-name='Title'] => h1:fresh",
        "p[style-name='Subtitle'] => p:fresh",
        "r[style-name='Hyperlink'] => ",
      ],
      externalFileAccess: false,
    },
  );
  return result.value;
}

/** Puts the text of footnotes and endnotes where they are referred to: a passage then holds both. */
function placeNotes(document: HtmlDocument): void {
  for (const note of document.querySelectorAll("li[id^=footnote-],li[id^=endnote-]")) {
    const id = note.getAttribute("id") ?? "";
    const text = (note.textContent ?? "").replaceAll("↑", "").replaceAll(/\s+/g, " ").trim();
    for (const reference of document.querySelectorAll(`a[href="#${id}"]`)) {
      reference.replaceWith(` (${text})`);
    }
    note.remove();
  }
}

/** Title and number of pages, as the program that saved the file wrote them down. */
function readProperties(
  bytes: Uint8Array,
  entries: readonly ZipEntry[],
): { readonly title: string | null; readonly pages: number | null } {
  const read = (name: string): string => {
    const entry = entries.find((candidate) => candidate.name === name);
    return readZipEntry(bytes, entry, PROPERTIES_BYTES_MAX)?.toString("utf8") ?? "";
  };
  const [, title = ""] = /<dc:title[^>]*>([^<]*)</.exec(read("docProps/core.xml")) ?? [];
  const [, pages = "0"] = /<Pages>(\d+)</.exec(read("docProps/app.xml")) ?? [];
  const plainTitle = (parseHtml(title).body.textContent ?? "").trim();
  return { title: plainTitle || null, pages: Number(pages) || null };
}
