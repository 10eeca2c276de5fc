import { fileURLToPath } from "node:url";
import { toAppError, type AppError } from "#domain/errors.ts";
import { detectType } from "./detect-type.ts";
import { documentError } from "./document-error.ts";
import { EXTRACTION_LIMITS, type ExtractionLimits } from "./extraction-limits.ts";
import type { DocumentFile, ExtractedDocument } from "./extractor.ts";
import { runExtractionProcess } from "./run-extraction-process.ts";

/** What came of reading a document. A failure is the document's own: a second try ends the same. */
export type ExtractionOutcome =
  | {
      readonly kind: "extracted";
      /** Name of the extractor that read it. */
      readonly type: string;
      readonly document: ExtractedDocument;
      /** The most memory that reading took, 0 where the system does not tell. */
      readonly memoryBytesPeak: number;
    }
  | {
      readonly kind: "failed";
      /** Its code is one of DOCUMENT_ERRORS, its message tells the admin what to do. */
      readonly error: AppError;
      readonly memoryBytesPeak: number;
    };

/** What may differ from document to document. */
export type ExtractionOptions = {
  readonly limits?: Partial<ExtractionLimits>;
  readonly signal?: AbortSignal;
  /** Another program than ours, for tests of what happens when it misbehaves. */
  readonly workerFile?: string;
};

const WORKER_FILE = fileURLToPath(new URL("extract-worker.ts", import.meta.url));

/**
 * Reads a document's text in a process of its own, which limits of time, memory and size end. Whatever
 * the document does, the outcome is a value. Throws only INTERNAL (the process could not be started,
 * or was interrupted together with this one) and the reason of the signal.
 */
export async function extractDocument(
  file: DocumentFile,
  options: ExtractionOptions = {},
): Promise<ExtractionOutcome> {
  const limits = { ...EXTRACTION_LIMITS, ...options.limits };
  const refusal = refuseAtOnce(file, limits);
  if (refusal !== null) return { kind: "failed", error: refusal, memoryBytesPeak: 0 };
  const { bytes, ...about } = file;
  const { outcome, memoryBytesPeak } = await runExtractionProcess({
    workerFile: options.workerFile ?? WORKER_FILE,
    input: [Buffer.from(`${JSON.stringify({ ...about, limits })}\n`), bytes],
    limits,
    signal: options.signal,
  });
  return "document" in outcome
    ? { kind: "extracted", ...outcome, memoryBytesPeak }
    : { kind: "failed", error: outcome, memoryBytesPeak };
}

/** What needs no process to be known. */
function refuseAtOnce(file: DocumentFile, limits: ExtractionLimits): AppError | null {
  if (file.bytes.length > limits.inputBytesMax) {
    const megabytes = Math.floor(limits.inputBytesMax / (1024 * 1024));
    return documentError("DOCUMENT_TOO_LARGE", {
      message: `The file is larger than ${String(megabytes)} MB. Split it into smaller files and upload those.`,
    });
  }
  try {
    detectType(file);
    return null;
  } catch (error) {
    return toAppError(error);
  }
}
