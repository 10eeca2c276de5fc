import { AppError } from "#domain/errors.ts";

/** Names that a model is told when it asked for something else. */
const NAMES_MAX = 30;

/**
 * The file that is meant by a name, which a model may write without its ending or in other letters. Of
 * equal ones the first. Throws `NOT_FOUND` with the names that there are, for the model to choose from.
 */
export function findFile<File extends { readonly name: string }>(
  name: string,
  files: readonly File[],
): File {
  const ways = [(text: string) => text.trim(), toComparable, withoutEnding];
  for (const way of ways) {
    const found = files.find((file) => way(file.name) === way(name));
    if (found !== undefined) return found;
  }
  throw new AppError("NOT_FOUND", explain(files));
}

function toComparable(name: string): string {
  return name.normalize("NFC").trim().toLowerCase();
}

function withoutEnding(name: string): string {
  return toComparable(name).replace(/\.[a-z0-9]{1,5}$/, "");
}

function explain(files: readonly { readonly name: string }[]): string {
  if (files.length === 0) return "There are no documents that can be sent.";
  const names = files.slice(0, NAMES_MAX).map(({ name }) => JSON.stringify(name));
  const more = files.length > NAMES_MAX ? " and others" : "";
  return `There is no such document. There are: ${names.join(", ")}${more}.`;
}
