import type { AgentTools } from "#agent/agent-tool.ts";
import { readModelCall } from "#agent/read-model-calls.ts";
import { runAgent, type RunAgentDeps } from "#agent/run-agent.ts";
import { createSearchKnowledgeBase, SEARCH_KNOWLEDGE_BASE } from "#agent/search-knowledge-base.ts";
import { imageBytesMax } from "#agent/sees-images.ts";
import type { Checkpoint } from "#domain/checkpoint.ts";
import type { AgentAnswer, ConversationContext } from "#domain/conversation.ts";
import type { KnowledgeSearch } from "#domain/knowledge-search.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import { loadImages, type LoadedImages } from "#media/load-images.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { ObjectStorage } from "#providers/object-storage/object-storage.ts";
import { type OpenedTools, openTools, type OpenToolsDeps } from "#tools/open-tools.ts";
import { createReplyTools } from "#tools/reply/create-reply-tools.ts";
import { prepareFile, type PrepareFileDeps } from "#tools/reply/prepare-file.ts";
import { EARLY_SEARCH } from "./read-searches.ts";
import { searchKnowledge, type SearchKnowledgeDeps } from "./search-knowledge.ts";
import { settleConfirmation } from "./settle-confirmation.ts";

export type AnswerDeps = Omit<RunAgentDeps, "checkpoint" | "tools"> &
  SearchKnowledgeDeps &
  OpenToolsDeps &
  PrepareFileDeps & {
    readonly metrics: Pick<Metrics, "modelCalled">;
    readonly storage: Pick<ObjectStorage, "get">;
  };

/**
 * Step 2. Lets the agent answer, with the chatbot's documents and its organization's tools at hand; a call
 * to which the customer has said yes is made before. Its model calls, tool calls and searches become steps of the turn: a resumed turn makes, and counts, none of them again.
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
  const [found, images, opened] = await Promise.all([
    searchEarly(deps, { context, checkpoint, signal }),
    imagesFor(deps, context),
    context.chatbot.hasTools
      ? openTools(deps, { ...context, turnId: session.turn.turnId }, signal)
      : NO_TOOLS,
  ]);
  const { tools, notes } = opened;
  const settled = await settleConfirmation(deps, { context, session, tools });
  const answer = await runAgent(
    { ...deps, checkpoint, tools: { ...ownTools(deps, context), ...tools } },
    { context, found, images, notes, events: settled === null ? [] : [settled.event], signal },
  );
  return { ...answer, toolCalls: [...(settled?.toolCalls ?? []), ...answer.toolCalls] };
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

/** Loaded only for models that see them. */
async function imagesFor(
  deps: Pick<AnswerDeps, "storage">,
  { chatbot, incoming }: ConversationContext,
): Promise<LoadedImages> {
  const models = [chatbot.model, chatbot.fallbackModel ?? chatbot.model];
  const isSeen = models.some((model) => imageBytesMax(model, chatbot.media.images) > 0);
  return isSeen ? loadImages(deps, incoming) : new Map();
}

function ownTools(deps: AnswerDeps, context: ConversationContext): AgentTools {
  const replyTools = createReplyTools(context.chatbot.shapes, (name, signal) =>
    prepareFile(deps, { ...context, name }, signal),
  );
  if (context.chatbot.retrieval === "none") return replyTools;
  return {
    [SEARCH_KNOWLEDGE_BASE]: createSearchKnowledgeBase((query, signal) =>
      searchKnowledge(deps, { context, query }, signal),
    ),
    ...replyTools,
  };
}
