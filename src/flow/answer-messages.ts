import type { AgentTools } from "#agent/agent-tool.ts";
import { readModelCall } from "#agent/read-model-calls.ts";
import { runAgent, type RunAgentDeps } from "#agent/run-agent.ts";
import { createSearchKnowledgeBase, SEARCH_KNOWLEDGE_BASE } from "#agent/search-knowledge-base.ts";
import type { Checkpoint } from "#domain/checkpoint.ts";
import type { AgentAnswer, ConversationContext } from "#domain/conversation.ts";
import type { KnowledgeSearch } from "#domain/knowledge-search.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import type { Metrics } from "#platform/metrics.ts";
import { answerWithoutModel, createSpendGuard, mayNotSpend } from "./guard-spend.ts";
import { EARLY_SEARCH } from "./read-searches.ts";
import { searchKnowledge, type SearchKnowledgeDeps } from "./search-knowledge.ts";

export type AnswerDeps = Omit<RunAgentDeps, "checkpoint" | "tools"> &
  SearchKnowledgeDeps & { readonly metrics: Pick<Metrics, "modelCalled"> };

/**
 * Step 2. Lets the agent answer, with the chatbot's documents at hand. Its model calls, tool calls and
 * searches become steps of the turn: a resumed turn makes, and counts, none of them again.
 */
export async function answerMessages(
  deps: AnswerDeps,
  input: { readonly context: ConversationContext; readonly session: TurnSession },
): Promise<AgentAnswer> {
  const { session, context } = input;
  if (mayNotSpend(context, session)) return answerWithoutModel(context);
  const checkpoint: Checkpoint = (name, work) =>
    session.checkpoint(name, async () => {
      const output = await work();
      const call = readModelCall(name, output);
      if (call !== null) deps.metrics.modelCalled(call);
      return output;
    });
  const found = await searchEarly(deps, { context, checkpoint, signal: session.signal });
  return runAgent(
    { ...deps, checkpoint, tools: toolsOf(deps, context), isSpent: createSpendGuard(context) },
    { context, found, signal: session.signal },
  );
}

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

function toolsOf(deps: SearchKnowledgeDeps, context: ConversationContext): AgentTools {
  if (context.chatbot.retrieval === "none") return {};
  return {
    [SEARCH_KNOWLEDGE_BASE]: createSearchKnowledgeBase((query, signal) =>
      searchKnowledge(deps, { context, query }, signal),
    ),
  };
}
