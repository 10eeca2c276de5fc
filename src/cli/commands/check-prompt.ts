import { AppError } from "#domain/errors.ts";
import { findPromptFaults, PromptContent } from "#domain/prompt-content.ts";

/**
 * Makes sure that a system prompt names no variable that does not exist.
 * @throws AppError INPUT_INVALID with the nearest one.
 */
export function checkPrompt(systemPrompt: string | undefined): void {
  if (systemPrompt !== undefined) refusePromptFaults(PromptContent.parse({ systemPrompt }));
}

/**
 * Makes sure that nothing stands against a version of instructions.
 * @throws AppError INPUT_INVALID with what does.
 */
export function refusePromptFaults(content: PromptContent): void {
  const faults = findPromptFaults(content);
  if (faults.length > 0) throw new AppError("INPUT_INVALID", faults.join(" "));
}
