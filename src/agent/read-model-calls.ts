import { z } from "zod";
import type { ModelCall } from "#domain/conversation.ts";
import type { JsonValue } from "#domain/webhook-event.ts";

const Call: z.ZodType<ModelCall> = z.object({
  model: z.string(),
  inputTokens: z.number(),
  cachedInputTokens: z.number().exactOptional(),
  outputTokens: z.number(),
  durationMs: z.number(),
});
const Step = z.object({ call: Call, promptVersion: z.number().optional() });

/** Answers of the loop, and translations of questions. */
const PREFIXES = ["model-", "translate-"];

/** The model call behind a finished step, or null for a step of another kind. */
export function readModelCall(name: string, output: JsonValue): ModelCall | null {
  if (!PREFIXES.some((prefix) => name.startsWith(prefix))) return null;
  return Step.safeParse(output).data?.call ?? null;
}

/** The model calls among the finished steps of a turn: paid for, whatever became of the turn. */
export function readModelCalls(steps: ReadonlyMap<string, JsonValue>): readonly ModelCall[] {
  return [...steps]
    .map(([name, output]) => readModelCall(name, output))
    .filter((call) => call !== null);
}

/**
 * The version of the instructions that the last model call of a turn was given; null when none was
 * made. Another one may have been published since, while the turn waited to be resumed.
 */
export function readPromptVersion(steps: ReadonlyMap<string, JsonValue>): number | null {
  const versions = [...steps].flatMap(([name, output]) =>
    name.startsWith("model-")
      ? [{ name, version: Step.safeParse(output).data?.promptVersion }]
      : [],
  );
  // `model-4` is the last name that there can be, so names sort like numbers.
  const last = versions.toSorted((a, b) => (a.name < b.name ? -1 : 1)).at(-1);
  return last?.version ?? null;
}
