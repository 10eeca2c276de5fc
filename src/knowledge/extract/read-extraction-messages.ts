import type { DocumentBlock } from "#domain/document.ts";
import type { AppError } from "#domain/errors.ts";
import { documentError } from "./document-error.ts";
import { ExtractionMessage } from "./extraction-messages.ts";
import type { ExtractedDocument } from "./extractor.ts";

/** Takes what the process writes, piece by piece, and tells at the end what it amounts to. */
export type MessageReader = {
  /** Throws a document error as soon as the output is more than allowed, or no message. */
  readonly read: (chunk: Uint8Array) => void;
  /** The document, the process's own failure, or null if it ended without a last word. */
  readonly result: () =>
    | { readonly type: string; readonly document: ExtractedDocument }
    | AppError
    | null;
};

/** A block is at most 20,000 characters; nothing longer than this is a message. */
const LINE_BYTES_MAX = 1024 * 1024;

/** A reader of one process's output; its state is the document so far. */
export function createMessageReader(limits: { readonly charactersMax: number }): MessageReader {
  const decoder = new TextDecoder();
  const blocks: DocumentBlock[] = [];
  let rest = "";
  let characters = 0;
  let head: Extract<ExtractionMessage, { kind: "document" }> | null = null;
  let failure: AppError | null = null;
  let hasEnded = false;

  function take(line: string): void {
    const message = parseMessage(line);
    if (hasEnded || message === null) throw documentError("DOCUMENT_READER_FAILED");
    if (message.kind === "document") head = message;
    else if (message.kind === "end") hasEnded = true;
    else if (message.kind === "failure") {
      failure = documentError(message.code, {
        message: message.message,
        ...(message.cause === null ? {} : { details: { cause: message.cause } }),
      });
      hasEnded = true;
    } else {
      characters += message.text.length;
      if (characters > limits.charactersMax) throw documentError("DOCUMENT_TOO_LONG");
      const { text, headings, page } = message;
      blocks.push({ text, headings, page });
    }
  }

  return {
    read: (chunk) => {
      rest += decoder.decode(chunk, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) take(line);
      if (rest.length > LINE_BYTES_MAX) throw documentError("DOCUMENT_READER_FAILED");
    },
    result: () => {
      if (failure !== null) return failure;
      if (!hasEnded || head === null) return null;
      const { kind: _kind, type, ...about } = head;
      return { type, document: { ...about, blocks } };
    },
  };
}

function parseMessage(line: string): ExtractionMessage | null {
  try {
    return ExtractionMessage.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
