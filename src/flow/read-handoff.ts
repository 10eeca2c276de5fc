import { z } from "zod";
import { HandedOver } from "#agent/hand-over-to-human.ts";
import type { Handoff } from "#domain/handoff.ts";
import type { JsonValue } from "#domain/webhook-event.ts";

const ToolStep = z.object({ status: z.literal("success"), output: HandedOver });

/** The handoff that the model asked for in this turn, or in an earlier attempt of it; null if it did not. */
export function readHandoff(steps: ReadonlyMap<string, JsonValue>): Handoff | null {
  for (const [name, output] of steps) {
    if (!name.startsWith("tool-")) continue;
    const step = ToolStep.safeParse(output);
    if (step.success) return step.data.output.handoff;
  }
  return null;
}
