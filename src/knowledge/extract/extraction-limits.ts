const MEBIBYTE = 1024 * 1024;

/** What reading one document may cost. */
export type ExtractionLimits = {
  /** Size of the file itself. */
  readonly inputBytesMax: number;
  /** Sum of what a packed file (docx) says its parts unpack to. */
  readonly unpackedBytesMax: number;
  readonly pagesMax: number;
  /** UTF-16 units of text, all blocks together. */
  readonly charactersMax: number;
  /** From the start of the child process to its last word, by the clock on the wall. */
  readonly durationMs: number;
  /** Resident memory of the child process, with Node itself (about 60 MiB). */
  readonly memoryBytesMax: number;
};

/**
 * 10 MB is the upload limit of the specification. Of 971 PDFs that a PDF reader is tested with, the
 * hungriest took 456 MB and none failed below 60 s; a docx of 10 MB rarely unpacks to more than 50 MB;
 * 10 million characters are what a text file of 10 MB can hold, and some 12,000 passages to embed.
 * 120 s leave room for a machine whose processors are busy with conversations: those go first.
 */
export const EXTRACTION_LIMITS: ExtractionLimits = {
  inputBytesMax: 10 * MEBIBYTE,
  unpackedBytesMax: 100 * MEBIBYTE,
  pagesMax: 2000,
  charactersMax: 10_000_000,
  durationMs: 120_000,
  memoryBytesMax: 768 * MEBIBYTE,
};
