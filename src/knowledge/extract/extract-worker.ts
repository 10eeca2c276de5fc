/**
 * The process that reads one document: request and bytes in by standard input, messages out by
 * standard output, and then it ends. It is started by run-extraction-process.ts, with few rights,
 * and trusts nothing that it reads.
 */
import { buffer } from "node:stream/consumers";
import { DOCUMENT_ERRORS, type DocumentErrorCode } from "#domain/document-errors.ts";
import { AppError } from "#domain/errors.ts";
import { blockNetwork } from "./block-network.ts";
import { detectType } from "./detect-type.ts";
import { documentError } from "./document-error.ts";
import { ExtractionRequest, type ExtractionMessage } from "./extraction-messages.ts";

silenceConsole();
blockNetwork();
await answer(await buffer(process.stdin));

async function answer(input: Buffer): Promise<void> {
  try {
    await extract(input);
  } catch (error) {
    const { code, message, cause } = toDocumentError(error);
    if (!isDocumentError(code)) throw error;
    await send({ kind: "failure", code, message, cause: placeOf(cause) });
  }
}

async function extract(input: Buffer): Promise<void> {
  const lineEnd = input.indexOf("\n");
  const request = ExtractionRequest.parse(JSON.parse(input.toString("utf8", 0, lineEnd)));
  const { limits, ...about } = request;
  const detected = detectType({ ...about, bytes: input.subarray(lineEnd + 1) });
  const { type, extract: read } = detected.extractor;
  const { blocks, ...document } = await read(detected.file, limits);
  if (!blocks.some(({ text }) => /[\p{L}\p{N}]/u.test(text))) {
    throw documentError("DOCUMENT_WITHOUT_TEXT");
  }
  await send({ kind: "document", type, ...document });
  for (const block of blocks) await send({ kind: "block", ...block });
  await send({ kind: "end" });
}

/** What a reader throws besides our own errors, it throws at files that are not as they should be. */
function toDocumentError(error: unknown): AppError {
  return error instanceof AppError ? error : documentError("DOCUMENT_CORRUPT", { cause: error });
}

/** A library's message may quote the document; its name and the line that threw do not. */
function placeOf(cause: unknown): string | null {
  if (!(cause instanceof Error)) return null;
  const [frame = ""] = (cause.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return `${cause.name} ${frame.trim().replace(/\(?(file:\/\/)?\/.*\//, "")}`;
}

function isDocumentError(code: string): code is DocumentErrorCode {
  return Object.hasOwn(DOCUMENT_ERRORS, code);
}

/** Waits until the line is handed over, so that unread lines do not pile up here. */
async function send(message: ExtractionMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.stdout.write(`${JSON.stringify(message)}\n`, () => resolve());
  await promise;
}

/** Libraries print warnings, which would stand between the messages. */
function silenceConsole(): void {
  for (const method of ["log", "info", "warn", "error", "debug", "trace"] as const) {
    Object.defineProperty(globalThis.console, method, { value: () => undefined });
  }
}
