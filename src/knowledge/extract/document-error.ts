import type { DocumentErrorCode } from "#domain/document-errors.ts";
import { AppError } from "#domain/errors.ts";

/** What the admin who uploaded the file is told: what is wrong, then what to do. */
const SENTENCES: Readonly<Record<DocumentErrorCode, string>> = {
  DOCUMENT_EMPTY: "The file is empty. Check that it was saved, and upload it again.",
  DOCUMENT_TOO_LARGE: "The file is too large. Split it into smaller files and upload those.",
  DOCUMENT_TYPE_UNSUPPORTED:
    "This kind of file cannot be read. Save it as PDF, Word (docx), HTML or plain text and upload that.",
  DOCUMENT_CORRUPT:
    "The file is damaged or incomplete. Open it in the program it was made with, save it again, and upload the new copy.",
  DOCUMENT_PASSWORD_PROTECTED:
    "The file is protected by a password. Save a copy without a password and upload that.",
  DOCUMENT_WITHOUT_TEXT:
    "No text was found, only pictures such as scanned pages. Run it through text recognition (OCR), or upload the file that it was printed from.",
  DOCUMENT_TOO_LARGE_UNPACKED:
    "The file unpacks to too much data. Remove large pictures and embedded files, or split it, and upload it again.",
  DOCUMENT_TOO_MANY_PAGES:
    "The document has too many pages. Split it into smaller files and upload those.",
  DOCUMENT_TOO_LONG:
    "The document holds too much text. Split it into smaller files and upload those.",
  DOCUMENT_TOO_SLOW:
    "Reading the file took too long and was stopped. Save it again in a simpler form, for example as PDF, or split it into smaller files.",
  DOCUMENT_TOO_MUCH_MEMORY:
    "Reading the file took too much memory and was stopped. Save it again in a simpler form, for example as plain text, or split it into smaller files.",
  DOCUMENT_READER_FAILED:
    "The file could not be read. Save it again with another program, for example as PDF, and upload that.",
};

/** What may replace or accompany the usual sentence of a code. */
export type DocumentErrorOptions = {
  /** Instead of the usual sentence; holds nothing of the document's content. */
  readonly message?: string;
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
};

/** A failure of a document, with the sentence that its admin reads. */
export function documentError(
  code: DocumentErrorCode,
  options: DocumentErrorOptions = {},
): AppError {
  const { message = SENTENCES[code], ...rest } = options;
  return new AppError(code, message, rest);
}
