import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { JsonObject } from "#domain/webhook-event.ts";

const Json: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** An option that holds a JSON object: typed, from a file (`--settings-file`), or from standard input. */
export const jsonOption = (description: string) =>
  z.string().optional().meta({ placeholder: "json", secret: true }).describe(description);

/**
 * Reads such an option; undefined where it was not given.
 * @throws AppError INPUT_INVALID that names the option.
 */
export function readJsonOption(name: string, text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  try {
    return Json.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError("INPUT_INVALID", `--${name} is no JSON object.`, { cause });
  }
}
