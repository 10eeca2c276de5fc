import type { AgentTools } from "#agent/agent-tool.ts";
import { readModelCall } from "#agent/read-model-calls.ts";
import { runAgent, type RunAgentDeps } from "#agent/run-agent.ts";
import { createSearchKnowledgeBase, SEARCH_KNOWLEDGE_BASE } from "#agent/search-knowledge-base.ts";
import type { Checkpoint } from "#domain/checkpoint.ts";
import type { AgentAnswer, ConversationContext } from "#domain/conversation.ts";
import type { KnowledgeSearch } from "#domain/knowledge-search.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import type { Metrics } from "#platform/metrics.ts";
import { type OpenedTools, openTools, type OpenToolsDeps } from "#tools/open-tools.ts";
import { EARLY_SEARCH } from "./read-searches.ts";
import { searchKnowledge, type SearchKnowledgeDeps } from "./search-knowledge.ts";

export type AnswerDeps = Omit<RunAgentDeps, "checkpoint" | "tools"> &
  SearchKnowledgeDeps &
  OpenToolsDeps & { readonly metrics: Pick<Metrics, "modelCalled"> };

/**
 * Step 2. Lets the agent answer, with the chatbot's documents and its organization's tools at hand. Its model calls, tool calls and
 * searches become steps of the turn: a resumed turn makes, and counts, none of them again.
 */
export async function answerMessages(
  deps: AnswerDeps,
  input: { readonly context: ConversationContext; readonly session: TurnSession },
): Promise<AgentAnswer> {
  const { session, context } = input;
  const checkpoint: Checkpoint = (name, work) =>
    session.checkpoint(name, async () => {
      const output = await work();
      const call = readModelCall(name, output);
      if (call !== null) deps.metrics.modelCalled(call);
      return output;
    });
  const { signal } = session;
  const [found, opened] = await Promise.all([
    searchEarly(deps, { context, checkpoint, signal }),
    context.chatbot.hasTools
      ? openTools(deps, { ...context, turnId: session.turn.turnId }, signal)
      : NO_TOOLS,
  ]);
  return runAgent(
    { ...deps, checkpoint, tools: { ...searchTool(deps, context), ...opened.tools } },
    { context, found, notes: opened.notes, signal },
  );
}

const NO_TOOLS: OpenedTools = { tools: {}, notes: [] };

/** Before the first model call, where the chatbot is set so: for models that seldom call tools. */
async function searchEarly(
  deps: SearchKnowledgeDeps,
  turn: {
    readonly context: ConversationContext;
    readonly checkpoint: Checkpoint;
    readonly signal: AbortSignal;
  },
): Promise<KnowledgeSearch | null> {
  const { context, checkpoint, signal } = turn;
  const query = context.incoming.map((entry) => entry.text).join("\n");
  if (context.chatbot.retrieval !== "always" || query.trim() === "") return null;
  return checkpoint(EARLY_SEARCH, () => searchKnowledge(deps, { context, query }, signal));
}

function searchTool(deps: SearchKnowledgeDeps, context: ConversationContext): AgentTools {
  if (context.chatbot.retrieval === "none") return {};
  return {
    [SEARCH_KNOWLEDGE_BASE]: createSearchKnowledgeBase((query, signal) =>
      searchKnowledge(deps, { context, query }, signal),
    ),
  };
}
