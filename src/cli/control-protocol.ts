import { z } from "zod";
import type { JsonValue } from "#domain/webhook-event.ts";

/**
 * What is spoken over the socket in the data folder: one JSON object a line. The running process
 * greets; then one call; then rows and notices, and an end or an error.
 *
 * Raise `PROTOCOL` when the meaning of a line changes: both sides may be of different versions, as
 * after an update of the program under a running process.
 */
export const PROTOCOL = 1;

const Json: z.ZodType<JsonValue> = z.json();

/** The first line, from the running process; lenient, since another version may have written it. */
export const Greeting = z.object({ parley: z.string(), protocol: z.number() });
export type Greeting = z.infer<typeof Greeting>;

/** What is asked for. */
export const Call = z.strictObject({ command: z.string(), input: Json });
export type Call = z.infer<typeof Call>;

/** A line of the answer. */
export const Answer = z.union([
  z.strictObject({ row: z.record(z.string(), Json) }),
  z.strictObject({ notice: z.string() }),
  z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) }),
  z.strictObject({ end: z.literal(true) }),
]);
export type Answer = z.infer<typeof Answer>;

/** Longest call, in UTF-16 units: a document of 10 MB in base64 fits. */
export const CALL_LENGTH_MAX = 15_000_000;
