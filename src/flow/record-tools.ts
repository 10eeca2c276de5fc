import { type MadeCall, readMadeCalls } from "#agent/call-tool.ts";
import { ERRORS } from "#domain/errors.ts";
import type { OrganizationId } from "#domain/ids.ts";
import { KnowledgeSearch } from "#domain/knowledge-search.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { ToolExecutionRow } from "#store/turn-effects.ts";

/**
 * The calls of tools that a turn has made, as `tool_executions` keeps them: once for each, sealed, or
 * without what was said where the tool is configured so. Commits with the end of the turn, however it ends.
 */
export function recordTools(
  keyRing: Pick<KeyRing, "seal">,
  organizationId: OrganizationId,
  steps: ReadonlyMap<string, JsonValue>,
): readonly ToolExecutionRow[] {
  const seal = (value: JsonValue) => ({
    sealed: keyRing.seal(JSON.stringify(value), { organizationId, column: "tool_executions" }),
  });
  return readMadeCalls(steps).map((made) => {
    const { facts, outcome } = made;
    const keep = facts.record === "sealed" ? seal : redact;
    const errorCode = outcome.status === "success" ? null : outcome.errorCode;
    return {
      stepId: made.stepId,
      toolCallId: facts.toolCallId,
      integrationId: facts.integrationId,
      name: facts.name,
      type: facts.type,
      effects: facts.effects,
      arguments: keep(facts.input),
      result: keep(resultOf(made)),
      status: outcome.status,
      errorCode,
      errorMessage: errorCode === null ? null : ERRORS[errorCode].explanation,
      durationMs: outcome.durationMs,
    };
  });
}

const redact = () => ({ redacted: true });

/** What the model got; of passages no more than which, since their text stays in the document. */
function resultOf({ outcome }: MadeCall): JsonValue {
  if (outcome.status !== "success") return outcome.reason;
  const search = KnowledgeSearch.safeParse(outcome.output).data;
  if (search === undefined) return outcome.output;
  return search.passages.map(({ chunkId, source, page, similarity }) => ({
    chunkId,
    source,
    page,
    similarity,
  }));
}
