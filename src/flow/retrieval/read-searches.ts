import { z } from "zod";
import { KnowledgeSearch } from "#domain/knowledge-search.ts";
import type { JsonValue } from "#domain/webhook-event.ts";

/** The step that searches before the first model call. */
export const EARLY_SEARCH = "knowledge";

const ToolStep = z.object({ status: z.literal("success"), output: KnowledgeSearch });

/** The searches of a turn. */
export type Searches = {
  /** Those that the model asked for. */
  readonly asked: readonly KnowledgeSearch[];
  /** The one before the first model call, if the chatbot is set so. */
  readonly early: KnowledgeSearch | null;
};

/** Finds the searches among the finished steps of a turn, those of earlier attempts too. */
export function readSearches(steps: ReadonlyMap<string, JsonValue>): Searches {
  const asked = [...steps].flatMap(([name, output]) => {
    if (!name.startsWith("tool-")) return [];
    return ToolStep.safeParse(output).data?.output ?? [];
  });
  return { asked, early: KnowledgeSearch.safeParse(steps.get(EARLY_SEARCH)).data ?? null };
}
