import type { AgentTools } from "#agent/agent-tool.ts";
import { HAND_OVER_TO_HUMAN, handOverToHuman } from "#agent/hand-over-to-human.ts";
import { createSearchKnowledgeBase, SEARCH_KNOWLEDGE_BASE } from "#agent/search-knowledge-base.ts";
import type { ConversationContext } from "#domain/conversation.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import { type OpenedTools, openTools, type OpenToolsDeps } from "#tools/open-tools.ts";
import { createReplyTools } from "#tools/reply/create-reply-tools.ts";
import { prepareFile, type PrepareFileDeps } from "#tools/reply/prepare-file.ts";
import { searchKnowledge, type SearchKnowledgeDeps } from "./retrieval/search-knowledge.ts";

export type OfferToolsDeps = SearchKnowledgeDeps & PrepareFileDeps & OpenToolsDeps;

const NO_TOOLS: OpenedTools = { tools: {}, notes: [] };

/**
 * All that the model may do in a turn besides answering: what is built in, and what the organization has
 * set up for the chatbot. No integration can take the name of a built-in tool.
 */
export async function offerTools(
  deps: OfferToolsDeps,
  context: ConversationContext,
  { turn, signal }: Pick<TurnSession, "turn" | "signal">,
): Promise<OpenedTools> {
  const { tools, notes } = context.chatbot.hasTools
    ? await openTools(deps, { ...context, turnId: turn.turnId }, signal)
    : NO_TOOLS;
  const replyTools = createReplyTools(context.chatbot.shapes, (name, toolSignal) =>
    prepareFile(deps, { ...context, name }, toolSignal),
  );
  const handoff =
    context.chatbot.handoff === "off" ? {} : { [HAND_OVER_TO_HUMAN]: handOverToHuman };
  return { tools: { ...tools, ...searchTool(deps, context), ...replyTools, ...handoff }, notes };
}

function searchTool(deps: SearchKnowledgeDeps, context: ConversationContext): AgentTools {
  if (context.chatbot.retrieval === "none") return {};
  return {
    [SEARCH_KNOWLEDGE_BASE]: createSearchKnowledgeBase(
      (query, signal) => searchKnowledge(deps, { context, query }, signal),
      context.chatbot.knowledgeLanguages,
    ),
  };
}
