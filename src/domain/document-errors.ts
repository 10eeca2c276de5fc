const REFUSED = { status: 422, retryable: false } as const;

/**
 * Why a document cannot be learned from. The file itself is the cause, so none is retried: the sentence
 * that goes with the failure (src/knowledge/extract/document-error.ts) tells the admin what to change.
 */
export const DOCUMENT_ERRORS = {
  DOCUMENT_EMPTY: { ...REFUSED, explanation: "The document has no content at all." },
  DOCUMENT_TOO_LARGE: {
    status: 413,
    retryable: false,
    explanation: "The file is larger than a document may be.",
  },
  DOCUMENT_TYPE_UNSUPPORTED: {
    status: 415,
    retryable: false,
    explanation: "The file's bytes are of no type that Parley reads, whatever its name says.",
  },
  DOCUMENT_CORRUPT: {
    ...REFUSED,
    explanation: "The file is damaged or incomplete and cannot be read.",
  },
  DOCUMENT_PASSWORD_PROTECTED: {
    ...REFUSED,
    explanation: "The file only opens with a password.",
  },
  DOCUMENT_WITHOUT_TEXT: {
    ...REFUSED,
    explanation: "No text was found: the document consists of scanned pages or pictures.",
  },
  DOCUMENT_TOO_LARGE_UNPACKED: {
    ...REFUSED,
    explanation: "The file unpacks to far more than it weighs, as a zip bomb does.",
  },
  DOCUMENT_TOO_MANY_PAGES: { ...REFUSED, explanation: "The document has too many pages." },
  DOCUMENT_TOO_LONG: { ...REFUSED, explanation: "The document holds too much text." },
  DOCUMENT_TOO_SLOW: {
    ...REFUSED,
    explanation: "Reading the document took longer than allowed and was stopped.",
  },
  DOCUMENT_TOO_MUCH_MEMORY: {
    ...REFUSED,
    explanation: "Reading the document took more memory than allowed and was stopped.",
  },
  DOCUMENT_READER_FAILED: {
    ...REFUSED,
    explanation: "The process that read the document broke down over it.",
  },
} as const;

/** A code of `DOCUMENT_ERRORS`. */
export type DocumentErrorCode = keyof typeof DOCUMENT_ERRORS;
