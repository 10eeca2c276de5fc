import { z } from "zod";
import { AppError } from "#domain/errors.ts";

const Credentials = z.record(z.string(), z.string());

/** What a single secret is called, as in the specification. */
const ONLY = "api_key";

/**
 * The credentials of a tool: a JSON object holds several by name, anything else is one. Undefined where
 * none were given, and none at all for an empty text.
 * @throws AppError INPUT_INVALID
 */
export function readCredentialsOption(
  text: string | undefined,
): Readonly<Record<string, string>> | undefined {
  if (text === undefined) return undefined;
  if (text === "") return {};
  if (!text.startsWith("{")) return { [ONLY]: text };
  try {
    return Credentials.parse(JSON.parse(text));
  } catch {
    // without its cause, which would quote the secret
    throw new AppError("INPUT_INVALID", "--credentials is no JSON object of texts.");
  }
}
