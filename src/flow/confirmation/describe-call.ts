import type { JsonValue } from "#domain/webhook-event.ts";

/** Characters of one value, and of the whole: it stands below the model's words, and is read on a phone. */
const VALUE_LENGTH_MAX = 80;
const LINE_LENGTH_MAX = 400;

/**
 * What a yes would do, such as `book_table: day Monday, table 4`. The server writes it, since the model's
 * words may say something else than the call that is stored. Markdown, with what is passed taken literally.
 */
export function describeCall(name: string, input: JsonValue): string {
  const passed = isObject(input)
    ? Object.entries(input).map(([key, value]) => `${key} ${inWords(value)}`)
    : [inWords(input)];
  const line = [name, passed.join(", ")].filter((part) => part !== "").join(": ");
  return asLiteral(shorten(line, LINE_LENGTH_MAX));
}

function inWords(value: JsonValue): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return shorten(text.replaceAll(/\s+/g, " ").trim(), VALUE_LENGTH_MAX);
}

function shorten(text: string, lengthMax: number): string {
  const characters = Array.from(text);
  return characters.length <= lengthMax ? text : `${characters.slice(0, lengthMax).join("")}…`;
}

/** A backslash takes the meaning in Markdown from any punctuation. */
function asLiteral(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>()#+|~&]/g, String.raw`\$&`);
}

function isObject(input: JsonValue): input is { readonly [key: string]: JsonValue } {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}
