import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { AppError } from "#domain/errors.ts";

/**
 * A secret from where it was put: the command line itself, standard input (`-`) or a file. A line
 * break at its end is not part of it.
 * @throws AppError INPUT_INVALID.
 */
export async function readSecret(
  stdin: Readable,
  typed: { readonly value?: string; readonly file?: string },
): Promise<string> {
  const { value, file } = typed;
  if (value !== undefined && file !== undefined)
    throw new AppError("INPUT_INVALID", "Give the text itself or a file with it, not both.");
  if (file !== undefined) return (await readSecretFile(file)).trim();
  return value === "-" ? (await text(stdin)).trim() : (value ?? "");
}

async function readSecretFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new AppError("INPUT_INVALID", `The file ${path} cannot be read.`, { cause });
  }
}
