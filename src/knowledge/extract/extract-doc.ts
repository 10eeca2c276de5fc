import { createBlockList } from "./block-list.ts";
import { documentError } from "./document-error.ts";
import type { ExtractionLimits } from "./extraction-limits.ts";
import type { ExtractedDocument, Extractor, InspectedFile } from "./extractor.ts";
import { guessHead, renderTable } from "./render-table.ts";

/** Of the header of a Word file (its "FIB"), the bits at 0x0A: 0x0100 means encrypted. */
const WORD_HEADER = Buffer.from([0xec, 0xa5]);
const FLAGS_OFFSET = 0x0a;
const ENCRYPTED = 0x0100;
const SECTOR_BYTES = 512;

/** Word 97 to 2003. The format keeps its headings in styles that cannot be read, so there are none. */
export const docExtractor: Extractor = {
  type: "doc",
  sourceType: "doc",
  mediaType: "application/msword",
  recognises: ({ oleStreams }) => oleStreams.includes("WordDocument"),
  extract: extractDoc,
};

async function extractDoc(
  file: InspectedFile,
  limits: ExtractionLimits,
): Promise<ExtractedDocument> {
  if (isEncrypted(file.bytes)) throw documentError("DOCUMENT_PASSWORD_PROTECTED");
  const { default: WordExtractor } = await import("word-extractor");
  const document = await new WordExtractor().extract(Buffer.from(file.bytes));
  const list = createBlockList(limits);
  const texts = [
    document.getBody(),
    document.getTextboxes({ includeHeadersAndFooters: false }),
    document.getFootnotes(),
    document.getEndnotes(),
  ];
  for (const text of texts) addParagraphs(list.addText, text);
  return { title: null, pages: null, blocks: list.finish(), warnings: [] };
}

/** Each line is a paragraph; those with tabs in them are rows of a table. */
function addParagraphs(addText: (text: string) => void, text: string): void {
  let rows: string[][] = [];
  const endTable = (): void => {
    if (rows.length > 0) addText(renderTable(rows, guessHead(rows)));
    rows = [];
  };
  for (const line of text.replaceAll(/\r\n?/g, "\n").split("\n")) {
    const cells = line.trim().split("\t");
    if (cells.length > 1) rows.push(cells);
    else {
      endTable();
      addText(line.trim());
    }
  }
  endTable();
}

/** Looks for the Word header at the start of each sector; the stream always begins with one. */
function isEncrypted(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = SECTOR_BYTES; offset + SECTOR_BYTES <= buffer.length; offset += SECTOR_BYTES) {
    if (WORD_HEADER.equals(buffer.subarray(offset, offset + 2))) {
      return (buffer.readUInt16LE(offset + FLAGS_OFFSET) & ENCRYPTED) !== 0;
    }
  }
  return false;
}
