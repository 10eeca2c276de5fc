import type { z } from "zod";
import { AppError } from "#domain/errors.ts";

/**
 * Parses what a command was given. The sentence of a failure names the option as it is typed and
 * never quotes the value, which may be a secret.
 * @throws AppError INPUT_INVALID.
 */
export function parseInput<Input extends z.ZodObject>(
  schema: Input,
  value: unknown,
): z.infer<Input> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map((issue) => explain(issue));
  throw new AppError("INPUT_INVALID", [...new Set(sentences)].join(" "));
}

/** `replyDelayMs` as it is typed: `--reply-delay-ms`. */
export const optionName = (field: string): string => `--${kebab(field)}`;

/** `replyDelayMs` in words for the command line: `reply-delay-ms`. */
export const kebab = (field: string): string =>
  field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function explain(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys")
    return `This version does not know ${issue.keys.map(optionName).join(", ")}.`;
  const field = issue.path[0];
  if (field === undefined) return `${issue.message}.`;
  const isMissing = issue.code === "invalid_type" && issue.input === undefined;
  return isMissing
    ? `${optionName(String(field))} is missing.`
    : `${optionName(String(field))}: ${issue.message}.`;
}
