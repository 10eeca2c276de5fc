import { createBlockList } from "./block-list.ts";
import { decodeText } from "./decode-text.ts";
import { documentError } from "./document-error.ts";
import type { ExtractionLimits } from "./extraction-limits.ts";
import type { ExtractedDocument, Extractor, InspectedFile } from "./extractor.ts";

/** Plain text in any encoding; empty lines part its paragraphs, form feeds its pages. */
export const textExtractor: Extractor = {
  type: "text",
  sourceType: "text",
  mediaType: "text/plain",
  recognises: ({ textStart }) => textStart !== null,
  extract: async (file, limits) => extractText(file, limits),
};

function extractText(file: InspectedFile, limits: ExtractionLimits): ExtractedDocument {
  const decoded = decodeText(file.bytes, file.charset);
  if (decoded === null) throw documentError("DOCUMENT_CORRUPT");
  const pages = decoded.text
    .replaceAll(/\r\n?/g, "\n")
    .replace(/\f\s*$/, "")
    .split("\f");
  if (pages.length > limits.pagesMax) throw documentError("DOCUMENT_TOO_MANY_PAGES");
  const list = createBlockList(limits);
  for (const [index, page] of pages.entries()) {
    if (pages.length > 1) list.startPage(index + 1);
    for (const paragraph of page.split(/\n[^\S\n]*\n/)) list.addText(paragraph);
  }
  return {
    title: null,
    pages: pages.length > 1 ? pages.length : null,
    blocks: list.finish(),
    warnings: decoded.hasLosses ? ["Some characters could not be read."] : [],
  };
}
