import { z } from "zod";

const textPart = z.looseObject({ text: z.string() });

/** The texts of a message's content: a string, or the text parts of a list, in order. */
export function textParts(content: unknown): readonly string[] {
  if (typeof content === "string") return [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown) => {
    if (typeof part === "string") return [part];
    const parsed = textPart.safeParse(part);
    return parsed.success ? [parsed.data.text] : [];
  });
}

/** Any value as text: strings as they are, everything else as JSON. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
