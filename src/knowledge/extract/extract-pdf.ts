import { fileURLToPath } from "node:url";
import { createBlockList } from "./block-list.ts";
import { documentError } from "./document-error.ts";
import { dropRepeatedLines } from "./drop-repeated-lines.ts";
import type { ExtractionLimits } from "./extraction-limits.ts";
import type { ExtractedDocument, Extractor, InspectedFile } from "./extractor.ts";
import { readPdfLines, type PdfLine, type PdfText } from "./pdf-lines.ts";
import { pdfToBlocks } from "./pdf-to-blocks.ts";

/** Tables of Adobe without which Chinese, Japanese and Korean texts come out empty. */
const CMAP_FOLDER = fileURLToPath(new URL("cmaps/", import.meta.url));
const SILENT = 0;
/** Above this share of signs that mean nothing, the fonts do not say which letters they draw. */
const UNREADABLE_SHARE_MAX = 0.5;
const PROGRAM_TITLE =
  /^(untitled|document\d*|microsoft (word|excel|powerpoint) - |.*\.(docx?|pdf|indd|qxd|odt)$)/i;

/** PDF with text in it; scanned pages have none. */
export const pdfExtractor: Extractor = {
  type: "pdf",
  sourceType: "pdf",
  mediaType: "application/pdf",
  // Something may stand before the mark; in a text, the mark only counts at its beginning.
  recognises: ({ bytes, textStart }) => {
    const start = Buffer.from(bytes.subarray(0, 1024)).toString("latin1");
    return textStart === null ? start.includes("%PDF-") : /^\s*%PDF-\d/.test(start);
  },
  extract: extractPdf,
};

async function extractPdf(
  file: InspectedFile,
  limits: ExtractionLimits,
): Promise<ExtractedDocument> {
  const pdf = await openPdf(file.bytes);
  if (pdf.numPages > limits.pagesMax) {
    throw documentError("DOCUMENT_TOO_MANY_PAGES", {
      message: `The PDF has ${String(pdf.numPages)} pages; ${String(limits.pagesMax)} are allowed. Split it into smaller files and upload those.`,
    });
  }
  const { pages, unreadable } = await readPages(pdf, limits);
  if (unreadable === pdf.numPages) throw documentError("DOCUMENT_CORRUPT");
  const list = createBlockList(limits);
  pdfToBlocks(dropRepeatedLines(pages), list);
  const blocks = list.finish();
  refuseUnreadable(blocks.map(({ text }) => text).join(""));
  const withoutText = pages.filter((lines) => lines.length === 0).length - unreadable;
  return {
    title: (await readTitle(pdf)) ?? blocks[0]?.headings[0] ?? null,
    pages: pdf.numPages,
    blocks,
    warnings: [
      ...(unreadable > 0 ? [`${String(unreadable)} pages are damaged and were left out.`] : []),
      ...(withoutText > 0
        ? [
            `${String(withoutText)} of ${String(pdf.numPages)} pages hold no text, only pictures or nothing.`,
          ]
        : []),
    ],
  };
}

type Pdf = Awaited<ReturnType<typeof openPdf>>;

async function openPdf(bytes: Uint8Array) {
  const { getDocumentProxy } = await import("unpdf");
  try {
    return await getDocumentProxy(new Uint8Array(bytes), {
      cMapUrl: CMAP_FOLDER,
      cMapPacked: true,
      verbosity: SILENT,
      useSystemFonts: false,
      disableFontFace: true,
      useWasm: false,
    });
  } catch (error) {
    const isLocked = error instanceof Error && error.name === "PasswordException";
    throw documentError(isLocked ? "DOCUMENT_PASSWORD_PROTECTED" : "DOCUMENT_CORRUPT", {
      cause: error,
    });
  }
}

async function readPages(
  pdf: Pdf,
  limits: ExtractionLimits,
): Promise<{ readonly pages: PdfLine[][]; readonly unreadable: number }> {
  const pages: PdfLine[][] = [];
  let unreadable = 0;
  let characters = 0;
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const texts = await readPage(pdf, number);
    if (texts === null) unreadable += 1;
    characters += texts?.reduce((sum, { text }) => sum + text.length, 0) ?? 0;
    if (characters > limits.charactersMax) throw documentError("DOCUMENT_TOO_LONG");
    pages.push(readPdfLines(texts ?? [], number));
  }
  return { pages, unreadable };
}

async function readPage(pdf: Pdf, number: number): Promise<PdfText[] | null> {
  try {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    page.cleanup();
    return items.flatMap((item) => {
      if (!("str" in item)) return [];
      const [, , shear = 0, scale = 0, x = 0, y = 0] = toNumbers(item.transform);
      const size = Math.hypot(shear, scale);
      return [{ text: item.str, x, y, width: item.width, size, isRightToLeft: item.dir === "rtl" }];
    });
  } catch {
    return null; // one damaged page among good ones
  }
}

async function readTitle(pdf: Pdf): Promise<string | null> {
  const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
  const title: unknown = "Title" in info ? info.Title : null;
  if (typeof title !== "string" || title.trim() === "" || PROGRAM_TITLE.test(title)) return null;
  return title.trim();
}

function refuseUnreadable(text: string): void {
  const unreadable = text.match(/[\p{Co}\p{Cc}\uFFFD]/gu)?.length ?? 0;
  if (unreadable > text.length * UNREADABLE_SHARE_MAX) {
    throw documentError("DOCUMENT_WITHOUT_TEXT", {
      message:
        "The PDF shows text but does not say which letters it consists of. Run it through text recognition (OCR), or upload the file that it was printed from.",
    });
  }
}

function toNumbers(values: readonly unknown[]): number[] {
  return values.map(Number);
}
