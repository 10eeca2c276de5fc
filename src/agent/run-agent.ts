import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { Checkpoint } from "#domain/checkpoint.ts";
import type { AgentAnswer, ConversationContext, ModelCall } from "#domain/conversation.ts";
import type { KnowledgeSearch } from "#domain/knowledge-search.ts";
import { ReplyAddition } from "#domain/reply-addition.ts";
import type { Logger } from "#platform/logger.ts";
import { addToReply } from "./add-to-reply.ts";
import type { AgentTools } from "./agent-tool.ts";
import { buildPrompt, type PromptImages } from "./build-prompt.ts";
import type { CallModelDeps } from "./call-model.ts";
import type { KnownCall } from "./call-tool.ts";
import { createAsk } from "./create-ask.ts";
import { createToolCalls, type FinishedCall } from "./create-tool-calls.ts";
import { goneTools } from "./gone-tools.ts";
import { type ModelAnswer, textOf } from "./model-answer.ts";
import { stepMessages } from "./step-messages.ts";
import { toFunctionTools } from "./to-function-tools.ts";

/** What the agent loop needs. */
export type RunAgentDeps = CallModelDeps & {
  readonly tools?: AgentTools;
  /** Runs each model call and each tool call once per turn, however often the turn resumes. */
  readonly checkpoint: Checkpoint;
  readonly logger: Logger;
  /** Whether the calls so far have cost what the turn may cost: then no tool runs any more. */
  readonly isSpent?: (calls: readonly ModelCall[]) => boolean;
};

/** One turn to answer. */
export type RunAgentInput = {
  readonly context: ConversationContext;
  /** What a search before the first model call has found. */
  readonly found?: KnowledgeSearch | null;
  /** What the model must know of its tools, one line each. */
  readonly notes?: readonly string[];
  /** What has happened since the customer's last words, such as a call that they confirmed. */
  readonly events?: readonly string[];
  /** Calls of tools that earlier attempts of the turn have made, begun or put off. */
  readonly known?: readonly KnownCall[];
  /** Pictures of the messages to answer; models that see none are told so instead. */
  readonly images?: PromptImages;
  /** Ends the run, which then throws the signal's reason. */
  readonly signal: AbortSignal;
};

/** From the specification: model calls of one turn; the last one may not call tools any more. */
export const MODEL_CALLS_MAX = 5;

/**
 * Asks the chatbot's model for the answer to the incoming messages, running the tools it calls.
 * A resumed turn repeats no finished call: model calls are the checkpoints `model-0`, `model-1`, …,
 * tool calls `tool-<number of the model call>-<id of the call>` (see `callTool`). Throws `AppError` with a MODEL_
 * code when neither the model nor its fallback answers, and whatever the checkpoint throws.
 */
export async function runAgent(deps: RunAgentDeps, input: RunAgentInput): Promise<AgentAnswer> {
  try {
    return await converse(deps, input);
  } finally {
    input.signal.throwIfAborted();
  }
}

async function converse(deps: RunAgentDeps, input: RunAgentInput): Promise<AgentAnswer> {
  const { known = [], signal } = input;
  const calls: ModelCall[] = [];
  const steps: AgentStep[] = [];
  const isSpent = () => deps.isSpent?.(calls) === true;
  const tools = { ...goneTools(known), ...deps.tools };
  const ask = createAskOnce(deps, input, tools);
  const makeToolCalls = createToolCalls({ ...deps, tools, known, isSpent, signal });
  let prompt = startPrompt(input);
  for (;;) {
    const isLast = steps.length === MODEL_CALLS_MAX - 1;
    const { call, parts } = await ask(prompt, calls, isLast || isSpent() ? "none" : "auto");
    calls.push(call);
    const step = { text: textOf(parts), toolCalls: await makeToolCalls(steps.length, parts) };
    steps.push(step);
    if (isLast || isWholeReply(step)) return { ...toReply(step.text, steps), calls };
    prompt = prompt.concat(stepMessages(parts, step.toolCalls));
  }
}

/** One answer of the model, with the tools that it called. */
type AgentStep = { readonly text: string; readonly toolCalls: readonly FinishedCall[] };

function startPrompt(input: RunAgentInput): LanguageModelV4Prompt {
  const { instructions, messages } = buildPrompt(input.context, input);
  return [{ role: "system", content: instructions }, ...messages];
}

/** Asks for the next answer of a run, once per turn. */
function createAskOnce(deps: RunAgentDeps, { context, signal }: RunAgentInput, tools: AgentTools) {
  const ask = createAsk(deps, context);
  const offered = toFunctionTools(tools);
  const options = { ...(offered.length === 0 ? {} : { tools: offered }), abortSignal: signal };
  return (
    prompt: LanguageModelV4Prompt,
    calls: readonly ModelCall[],
    toolChoice: "auto" | "none",
  ): Promise<ModelAnswer> =>
    deps.checkpoint(`model-${calls.length}`, async () => {
      signal.throwIfAborted();
      const asked = { ...options, prompt, toolChoice: { type: toolChoice } };
      const answer = await ask(asked, calls.at(-1));
      return { ...answer, promptVersion: context.chatbot.prompt.version };
    });
}

/**
 * Whether nothing is left to ask the model for: it has called no tool, or one after which nothing is left
 * to say, or it has said its words with nothing but additions to them.
 */
function isWholeReply({ text, toolCalls }: AgentStep): boolean {
  if (toolCalls.some(({ tool, outcome }) => tool?.endsRun && outcome.status === "success"))
    return true;
  const hasWords = text.trim() !== "";
  return toolCalls.every((call) => hasWords && additionOf(call) !== null);
}

/** What a call adds to the reply; null for a call that adds nothing, or that failed. */
function additionOf({ tool, outcome }: FinishedCall): ReplyAddition | null {
  if (tool?.addsToReply !== true || outcome.status !== "success") return null;
  return ReplyAddition.parse(outcome.output);
}

function toReply(text: string, steps: readonly AgentStep[]): Omit<AgentAnswer, "calls"> {
  const toolCalls = steps.flatMap((step) => step.toolCalls);
  const additions = toolCalls.map(additionOf).filter((addition) => addition !== null);
  return {
    ...addToReply(text.trim(), additions),
    toolCalls: toolCalls.map(({ part, outcome: { status, durationMs } }) => ({
      name: part.toolName,
      status,
      durationMs,
    })),
  };
}
