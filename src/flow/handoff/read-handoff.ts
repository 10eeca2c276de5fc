import { readMadeCalls } from "#agent/call-tool.ts";
import { HAND_OVER_TO_HUMAN, HandedOver } from "#agent/hand-over-to-human.ts";
import type { Handoff } from "#domain/handoff.ts";
import type { JsonValue } from "#domain/webhook-event.ts";

/** The handoff that the model asked for in this turn, or in an earlier attempt of it; null if it did not. */
export function readHandoff(steps: ReadonlyMap<string, JsonValue>): Handoff | null {
  const outputs = readMadeCalls(steps).flatMap(({ facts, outcome }) =>
    facts.type === "builtin" && facts.name === HAND_OVER_TO_HUMAN && outcome.status === "success"
      ? [outcome.output]
      : [],
  );
  const [first] = outputs;
  return first === undefined ? null : HandedOver.parse(first).handoff;
}
