import type { DocumentBlock } from "#domain/document.ts";
import { type AppError, type ErrorCode, toAppError } from "#domain/errors.ts";
import type { MediaReason, MessageMedia } from "#domain/media.ts";
import type { extractDocument, ExtractionOutcome } from "#knowledge/extract/extract-document.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import { recordMedia } from "#store/message-media.ts";
import type { Gate } from "./create-gate.ts";
import { cutToTokens } from "./cut-to-tokens.ts";
import type { FileToRead, ReadTurn } from "./hear-recording.ts";
import { DOCUMENT_TOKENS_MAX } from "./media-limits.ts";

/** What reading documents needs. */
export type ReadDocumentTextDeps = {
  readonly db: AppDatabase;
  /** Reads in a process of its own, as for the knowledge. */
  readonly extract: typeof extractDocument;
  /** So that few of these processes run at once. */
  readonly documentGate: Gate;
};

/** Somebody waits for the answer: less patience than with the documents of the business. */
const LIMITS = { durationMs: 30_000, memoryBytesMax: 512 * 1024 * 1024 };

/**
 * Reads the text of a document that a customer sent, as far as a model is given it, and writes it down.
 * A document that cannot be read is a value.
 */
export async function readDocumentText(
  deps: ReadDocumentTextDeps,
  { organizationId, signal }: ReadTurn,
  { messageId, media, bytes, name }: FileToRead,
): Promise<MessageMedia> {
  const outcome = await extract(deps, { bytes, name, url: null, charset: null }, signal);
  const read: MessageMedia =
    outcome.kind === "extracted"
      ? {
          ...media,
          status: "read",
          reason: null,
          ...cutToTokens(toText(outcome.document.blocks), DOCUMENT_TOKENS_MAX),
        }
      : { ...media, reason: outcome.reason };
  await asTenant(deps.db, organizationId, (tenant) =>
    recordMedia(tenant, { organizationId, messageId }, read),
  );
  return read;
}

type Read = Extract<ExtractionOutcome, { kind: "extracted" }>;
type NotRead = { readonly kind: "not read"; readonly reason: MediaReason };

async function extract(
  { extract: read, documentGate }: ReadDocumentTextDeps,
  file: Parameters<typeof extractDocument>[0],
  signal: AbortSignal,
): Promise<Read | NotRead> {
  try {
    const outcome = await documentGate(() => read(file, { limits: LIMITS, signal }), signal);
    if (outcome?.kind === "extracted") return outcome;
    return { kind: "not read", reason: outcome === null ? "unavailable" : reasonOf(outcome.error) };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "not read", reason: reasonOf(toAppError(error)) };
  }
}

const REASONS: ReadonlyMap<ErrorCode, MediaReason> = new Map<ErrorCode, MediaReason>([
  ["DOCUMENT_PASSWORD_PROTECTED", "password"],
  ["DOCUMENT_WITHOUT_TEXT", "no-text"],
  ["DOCUMENT_EMPTY", "no-text"],
  ["DOCUMENT_TOO_LARGE", "too-large"],
  ["DOCUMENT_TOO_LARGE_UNPACKED", "too-large"],
  ["DOCUMENT_TOO_MANY_PAGES", "too-large"],
  ["DOCUMENT_TOO_LONG", "too-large"],
  ["DOCUMENT_TOO_SLOW", "too-large"],
  ["DOCUMENT_TOO_MUCH_MEMORY", "too-large"],
  ["INTERNAL", "unavailable"],
]);

function reasonOf({ code }: AppError): MediaReason {
  return REASONS.get(code) ?? "unreadable";
}

/** Headings stand above what they are about, once. */
function toText(blocks: readonly DocumentBlock[]): string {
  let shown: readonly string[] = [];
  const lines = blocks.flatMap(({ text, headings }) => {
    const same = headings.findIndex((heading, depth) => heading !== shown[depth]);
    const fresh = same < 0 ? [] : headings.slice(same);
    shown = headings;
    return [...fresh.map((heading) => `# ${heading}`), text];
  });
  return lines.join("\n\n");
}
