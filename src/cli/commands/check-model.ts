import { AppError } from "#domain/errors.ts";
import type { CommandDeps, Notice } from "./command.ts";

/**
 * Makes sure that a model of this name can be called. A missing key is only noticed: the workers may
 * have other settings than whoever gives the command.
 * @throws AppError MODEL_UNKNOWN with the possibilities.
 */
export function checkModel(
  deps: Pick<CommandDeps, "models">,
  name: string | undefined,
  notice: Notice,
): void {
  if (name === undefined) return;
  try {
    deps.models.get(name);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "MODEL_KEY_INVALID") throw error;
    notice(`${name}: ${error.message}`);
  }
}
