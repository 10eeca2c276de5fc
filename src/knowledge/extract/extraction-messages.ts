import { z } from "zod";
import { DOCUMENT_ERRORS, type DocumentErrorCode } from "#domain/document-errors.ts";

const ErrorCode = z.custom<DocumentErrorCode>(
  (value) => typeof value === "string" && Object.hasOwn(DOCUMENT_ERRORS, value),
);
const Limit = z.number().positive();

/** What the process is told before the bytes of the document: one line of JSON. */
export const ExtractionRequest = z.strictObject({
  name: z.string().nullable(),
  url: z.string().nullable(),
  charset: z.string().nullable(),
  limits: z.strictObject({
    inputBytesMax: Limit,
    unpackedBytesMax: Limit,
    pagesMax: Limit,
    charactersMax: Limit,
    durationMs: Limit,
    memoryBytesMax: Limit,
  }),
});
/** See the schema of the same name. */
export type ExtractionRequest = z.infer<typeof ExtractionRequest>;

/**
 * What the process answers, one line of JSON each: the document, then its blocks, then the end; or a
 * failure. In pieces, because to parse a long document at once would hold up every conversation.
 */
export const ExtractionMessage = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("document"),
    type: z.string(),
    title: z.string().nullable(),
    pages: z.number().int().nullable(),
    warnings: z.array(z.string()).readonly(),
  }),
  z.strictObject({
    kind: z.literal("block"),
    text: z.string(),
    headings: z.array(z.string()).readonly(),
    page: z.number().int().nullable(),
  }),
  z.strictObject({ kind: z.literal("end") }),
  z.strictObject({
    kind: z.literal("failure"),
    code: ErrorCode,
    message: z.string(),
    /** Kind and place of the error behind it, for developers; nothing of its text. */
    cause: z.string().nullable(),
  }),
]);
/** See the schema of the same name. */
export type ExtractionMessage = z.infer<typeof ExtractionMessage>;
