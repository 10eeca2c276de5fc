import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { AppError } from "#domain/errors.ts";

/** Where a question is asked. */
export type Terminal = {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
};

/**
 * Asks before something that cannot be undone. Returns when the answer is yes.
 * @throws AppError INPUT_INVALID when it is not, or when there is nobody to ask.
 */
export async function confirm(terminal: Terminal, question: string): Promise<void> {
  if (terminal.stdin.isTTY !== true)
    throw new AppError(
      "INPUT_INVALID",
      "This cannot be undone, and there is no terminal to ask: give --yes to do it.",
    );
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr });
  try {
    const answer = await lines.question(`${question} Type yes to do it: `);
    if (answer.trim().toLowerCase() !== "yes")
      throw new AppError("INPUT_INVALID", "Nothing was changed.");
  } finally {
    lines.close();
  }
}
