import { pino } from "pino";

type Log = (fields: Readonly<Record<string, unknown>>, event: string) => void;

/**
 * Structured log: a constant event plus fields. Never message text, tokens, phone numbers or
 * `wamid`s (they hold a phone number); ids of ours are fine.
 */
export type Logger = {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
};

/** From the most to the least talkative; `silent` logs nothing. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Logs one JSON object a line to standard error, so that standard output stays for results.
 * @param lines where else they go, for tests.
 */
export function createLogger(
  level: LogLevel,
  lines: { readonly write: (line: string) => void } = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino({ level, base: null, serializers: { error: serializeError } }, lines);
}

/** A logger that keeps silent. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * What may be logged of an error. Messages of foreign errors can quote what a person wrote (a SQL
 * error shows the row), so only our own messages are shown; of others, name, code and stack frames.
 */
function serializeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, code, details } = error as Error & { code?: unknown; details?: unknown };
  const isOurs = name === "AppError";
  return {
    name,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(isOurs ? { message: error.message, details } : {}),
    frames: (error.stack ?? "")
      .split("\n")
      .filter((line) => line.startsWith("    at "))
      .slice(0, 8),
    ...(error.cause === undefined ? {} : { cause: serializeError(error.cause) }),
  };
}
