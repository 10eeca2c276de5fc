import { readKnownCalls } from "#agent/call-tool.ts";
import { readModelCall } from "#agent/read-model-calls.ts";
import { runAgent, type RunAgentDeps } from "#agent/run-agent.ts";
import { imageBytesMax } from "#agent/sees-images.ts";
import type { Checkpoint } from "#domain/checkpoint.ts";
import type { AgentAnswer, ConversationContext, ModelCall } from "#domain/conversation.ts";
import type { KnowledgeSearch } from "#domain/knowledge-search.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import { hearingCostMicros } from "#media/hearing-cost.ts";
import { loadImages, type LoadedImages } from "#media/load-images.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { ObjectStorage } from "#providers/object-storage/object-storage.ts";
import {
  settleConfirmation,
  type SettleConfirmationDeps,
} from "./confirmation/settle-confirmation.ts";
import { answerWithoutModel, createSpendGuard, mayNotSpend } from "./guard-spend.ts";
import { offerTools, type OfferToolsDeps } from "./offer-tools.ts";
import { EARLY_SEARCH } from "./retrieval/read-searches.ts";
import { searchKnowledge, type SearchKnowledgeDeps } from "./retrieval/search-knowledge.ts";
import { translateQuery } from "./retrieval/translate-query.ts";
import { tellUntoldCalls } from "./tell-untold-calls.ts";

export type AnswerDeps = Omit<RunAgentDeps, "checkpoint" | "tools"> &
  SearchKnowledgeDeps &
  OfferToolsDeps &
  SettleConfirmationDeps & {
    readonly metrics: Pick<Metrics, "modelCalled">;
    readonly storage: Pick<ObjectStorage, "get">;
  };

/**
 * Step 2. Lets the agent answer, with the chatbot's documents and its organization's tools at hand. Its
 * model calls, tool calls and searches become steps of the turn: a resumed turn makes, and counts, none
 * of them again. A call to which the customer has said yes is made before.
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
  const { signal } = session;
  const [early, images, { tools, notes }, untold] = await Promise.all([
    searchEarly(deps, { context, checkpoint, signal }),
    imagesFor(deps, context),
    offerTools(deps, context, session),
    tellUntoldCalls(deps, context, session.turn),
  ]);
  // Read before anything is called: what this attempt begins is not of an earlier one.
  const known = readKnownCalls(session.finishedSteps());
  const settled = await settleConfirmation(deps, { context, session, tools });
  const events = [...untold, ...(settled === null ? [] : [settled.event])];
  const micros = hearingCostMicros(session.finishedSteps());
  const isSpent = createSpendGuard(context, { calls: early.calls, micros });
  const answer = await runAgent(
    { ...deps, checkpoint, tools, isSpent },
    { context, found: early.found, images, notes, events, known, signal },
  );
  return {
    ...answer,
    calls: [...early.calls, ...answer.calls],
    toolCalls: [...(settled?.toolCalls ?? []), ...answer.toolCalls],
  };
}

type EarlySearch = {
  readonly found: KnowledgeSearch | null;
  /** Of models, for translating the question. */
  readonly calls: readonly ModelCall[];
};

/** Before the first model call, where the chatbot is set so: for models that seldom call tools. */
async function searchEarly(
  deps: AnswerDeps,
  turn: {
    readonly context: ConversationContext;
    readonly checkpoint: Checkpoint;
    readonly signal: AbortSignal;
  },
): Promise<EarlySearch> {
  const { context, checkpoint, signal } = turn;
  const query = context.incoming.map((entry) => entry.text).join("\n");
  if (context.chatbot.retrieval !== "always" || query.trim() === "")
    return { found: null, calls: [] };
  const { text: translation, calls } = await translateQuery(deps, turn, { text: query, signal });
  const found = await checkpoint(EARLY_SEARCH, () =>
    searchKnowledge(deps, { context, query, translation }, signal),
  );
  return { found, calls };
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
