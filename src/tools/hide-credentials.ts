import { AppError } from "#domain/errors.ts";
import type { JsonObject, JsonValue } from "#domain/webhook-event.ts";
import { secretHeaderValues } from "./secret-headers.ts";

/** Takes an integration's credentials out of what its server says. */
export type CredentialFilter = {
  readonly inJson: (value: JsonValue) => JsonValue;
  /** The same error with a message that a model may read, cut to what it should. */
  readonly inError: (error: AppError) => AppError;
};

/** Shorter ones are no secrets but words, which would be blotted out wherever they stand. */
const LENGTH_MIN = 6;
/** Of an error with a server's words in it: a few sentences. */
const MESSAGE_LENGTH_MAX = 1_200;
const BLOT = "[credential removed]";

/**
 * Servers repeat what they were sent: a page of debugging, or "the key … is not valid". A model would
 * pass that on to whoever asks, so the credentials of a tool are blotted out of its results and its
 * errors, plain, in base64 or percent-encoded, and so are the headers of its settings. A text is to be filtered
 * before it is cut: of half a credential nobody would know what it is. Tokens that were fetched with them are not known here.
 */
export function createCredentialFilter(
  credentials: Readonly<Record<string, string>>,
  settings: JsonObject = {},
): CredentialFilter {
  const { username = "", password = "" } = credentials;
  const secrets = Object.entries(credentials).flatMap(([name, value]) =>
    name === "username" ? [] : [value],
  );
  secrets.push(...secretHeaderValues(settings));
  if (password !== "") secrets.push(toBase64(`${username}:${password}`));
  const forms = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret), toBase64(secret)])
    .filter((form) => form.length >= LENGTH_MIN);
  // The longest first, or a rest of it would remain.
  const hidden = [...new Set(forms)].toSorted((first, second) => second.length - first.length);
  const inText = (text: string) => hidden.reduce((rest, form) => rest.replaceAll(form, BLOT), text);
  return {
    inJson: (value) => (hidden.length === 0 ? value : mapTexts(value, inText)),
    inError: (error) => {
      const message = cut(inText(error.message));
      if (message === error.message) return error;
      const { code, cause, details, retryAfterMs } = error;
      return new AppError(code, message, {
        cause,
        details,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
    },
  };
}

function cut(message: string): string {
  if (message.length <= MESSAGE_LENGTH_MAX) return message;
  return `${message.slice(0, MESSAGE_LENGTH_MAX).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

const toBase64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");

function mapTexts(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === "string") return change(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each: JsonValue) => mapTexts(each, change));
  return Object.fromEntries<JsonValue>(
    Object.entries(value).map(([key, each]) => [change(key), mapTexts(each, change)]),
  );
}
