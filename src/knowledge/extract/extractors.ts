import { csvExtractor } from "./extract-csv.ts";
import { docExtractor } from "./extract-doc.ts";
import { docxExtractor } from "./extract-docx.ts";
import { htmlExtractor } from "./extract-html.ts";
import { markdownExtractor } from "./extract-markdown.ts";
import { pdfExtractor } from "./extract-pdf.ts";
import { textExtractor } from "./extract-text.ts";
import type { Extractor } from "./extractor.ts";

/** Every type of document that Parley reads. The first that recognises a file reads it. */
export const EXTRACTORS: readonly Extractor[] = [
  pdfExtractor,
  docxExtractor,
  docExtractor,
  htmlExtractor,
  csvExtractor,
  markdownExtractor,
  textExtractor, // takes every text, so it comes last
];
