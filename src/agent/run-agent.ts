import type { LanguageModelV4, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { AISDKError, asSchema, dynamicTool, generateText, isStepCount } from "ai";
import type { FlexibleSchema, Schema, StopCondition, ToolSet } from "ai";
import type { Checkpoint } from "#domain/checkpoint.ts";
import type { AgentAnswer, ConversationContext, ModelCall } from "#domain/conversation.ts";
import { AppError } from "#domain/errors.ts";
import type { KnowledgeSearch } from "#domain/knowledge-search.ts";
import { ReplyAddition } from "#domain/reply-addition.ts";
import type { Logger } from "#platform/logger.ts";
import { addToReply } from "./add-to-reply.ts";
import type { AgentTool, AgentTools } from "./agent-tool.ts";
import { buildPrompt, type PromptImages } from "./build-prompt.ts";
import { callModel, deservesFallback } from "./call-model.ts";
import type { CallModelDeps } from "./call-model.ts";
import type { KnownCall } from "./call-tool.ts";
import { type CallOfModel, createToolCalls } from "./create-tool-calls.ts";
import { goneTools } from "./gone-tools.ts";
import { hideImages } from "./hide-images.ts";
import { fromModelAnswer } from "./model-answer.ts";
import type { ModelAnswer } from "./model-answer.ts";
import { createReplyAdditions } from "./reply-additions.ts";
import { imageBytesMax } from "./sees-images.ts";

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
  const run = startRun(deps, input);
  const { found = null, images = new Map(), notes = [], events = [] } = input;
  const { instructions, messages } = buildPrompt(input.context, { found, images, notes, events });
  try {
    const { text, steps } = await generateText({
      model: run.model,
      tools: run.tools,
      instructions,
      messages,
      stopWhen: [
        isStepCount(MODEL_CALLS_MAX),
        endsWithTool(deps.tools ?? {}),
        ({ steps: taken }) => run.additions.isWholeReply(taken),
      ],
      abortSignal: run.signal,
      maxRetries: 0,
      telemetry: { isEnabled: false },
    });
    run.signal.throwIfAborted();
    const toolCalls = steps.flatMap((step, stepNumber) =>
      step.toolCalls.map((call) => run.describeToolCall(stepNumber, call)),
    );
    return { ...addToReply(text.trim(), run.additions.of(steps)), calls: run.calls, toolCalls };
  } catch (error) {
    run.signal.throwIfAborted();
    throw withoutPrompt(error);
  }
}

/** Whether the last step made a call after which nothing is left to say. Failed calls do not count. */
function endsWithTool(tools: AgentTools): StopCondition<ToolSet> {
  return ({ steps }) =>
    steps.at(-1)?.toolResults.some(({ toolName }) => tools[toolName]?.endsRun === true) === true;
}

/** The SDK's own errors quote the prompt, so of them only their kind is kept. */
function withoutPrompt(error: unknown): unknown {
  if (!AISDKError.isInstance(error)) return error;
  return new AppError("INTERNAL", "The model loop failed", { details: { kind: error.name } });
}

type ToolCall = { readonly toolCallId: string; readonly toolName: string };

/** The model and the tools of one run, with every call of them behind a checkpoint. */
function startRun(deps: RunAgentDeps, { context, known = [], signal }: RunAgentInput) {
  const tools = { ...goneTools(known), ...deps.tools };
  const calls: ModelCall[] = [];
  const failed = new AbortController();
  const runSignal = AbortSignal.any([signal, failed.signal]);
  const ask = createAsk(deps, context);

  /** The SDK would tell the model of a broken checkpoint and go on, so a failure ends the run. */
  const checkpoint: Checkpoint = async (name, work) => {
    try {
      // A run that has failed must begin nothing more: what it did would not be stored.
      return await deps.checkpoint(name, async () => {
        runSignal.throwIfAborted();
        return work();
      });
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };

  const isSpent = () => deps.isSpent?.(calls) === true;
  const isLast = () => calls.length === MODEL_CALLS_MAX - 1 || isSpent();
  const generate = async (options: LanguageModelV4CallOptions) => {
    const answer = await checkpoint(`model-${calls.length}`, () =>
      withVersion(context, ask(isLast() ? withoutTools(options) : options, calls.at(-1))),
    );
    calls.push(answer.call);
    return fromModelAnswer(answer);
  };

  const toolCalls = createToolCalls({ ...deps, known, checkpoint, signal: runSignal });
  const findAddition = (stepNumber: number, { toolCallId, toolName }: ToolCall) => {
    const outcome = toolCalls.outcomeOf(stepNumber, toolCallId);
    if (deps.tools?.[toolName]?.addsToReply !== true || outcome?.status !== "success") return null;
    return ReplyAddition.parse(outcome.output);
  };

  return {
    calls,
    signal: runSignal,
    model: toSdkModel(context.chatbot.model, generate),
    tools: toSdkTools(tools, async (call) => {
      const stepNumber = calls.length - 1;
      const isFree = belongsToReply(call.tool) || toolCalls.isKnown(stepNumber, call.toolCallId);
      if (isSpent() && !isFree) throw new AppError("INTERNAL", SPENT);
      return toolCalls.execute(stepNumber, call);
    }),
    additions: createReplyAdditions(findAddition),
    /** A call that was never made, because its name or input was wrong, has failed too. */
    describeToolCall: (stepNumber: number, { toolCallId, toolName: name }: ToolCall) => {
      const outcome = toolCalls.outcomeOf(stepNumber, toolCallId);
      const { status, durationMs } = outcome ?? { status: "failed" as const, durationMs: 0 };
      return { name, status, durationMs };
    },
  };
}

/**
 * Told to the model and not to the SDK, which would refuse the stored answer of an earlier attempt that
 * called tools before the ceiling was lowered.
 */
function withoutTools(options: LanguageModelV4CallOptions): LanguageModelV4CallOptions {
  return { ...options, toolChoice: { type: "none" } };
}

/** A model's answer, with the version of the instructions that it was given. */
async function withVersion({ chatbot }: ConversationContext, answer: Promise<ModelAnswer>) {
  return { ...(await answer), promptVersion: chatbot.prompt.version };
}

/** What ends the run or is a part of its reply costs nothing more, and is still done. */
function belongsToReply({ endsRun, addsToReply }: AgentTool): boolean {
  return endsRun === true || addsToReply === true;
}

/** For the model, in place of the result of a tool that does not run any more. */
const SPENT =
  "This was not done: the answer has cost as much as it may. Answer with what you know, and say honestly what you could not do or look up.";

/**
 * Asks the chatbot's model and, when that fails in a way that another model may not, its fallback,
 * which then also makes the rest of the run's calls.
 */
function createAsk(deps: RunAgentDeps, context: ConversationContext) {
  const { organizationId, chatbotId, conversationId, chatbot } = context;
  const { model, fallbackModel, media } = chatbot;
  const call = (name: string, options: LanguageModelV4CallOptions) =>
    callModel(deps, name, hideImages(options, imageBytesMax(name, media.images)));

  return async (
    options: LanguageModelV4CallOptions,
    previous?: ModelCall,
  ): Promise<ModelAnswer> => {
    if (fallbackModel === null) return call(model, options);
    if (previous?.model === fallbackModel) return call(fallbackModel, options);
    try {
      return await call(model, options);
    } catch (error) {
      if (!(error instanceof AppError) || !deservesFallback(error)) throw error;
      const fields = { organizationId, chatbotId, conversationId, model, fallbackModel };
      deps.logger.warn({ ...fields, code: error.code }, "model fell back");
      return call(fallbackModel, options).catch((second: unknown) => {
        options.abortSignal?.throwIfAborted();
        deps.logger.warn({ ...fields, error: second }, "fallback model failed");
        // The failure that may pass by itself is the one to retry the turn for.
        throw error.retryable ? error : second;
      });
    }
  };
}

function toSdkModel(name: string, doGenerate: LanguageModelV4["doGenerate"]): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: "parley",
    modelId: name,
    supportedUrls: {},
    doGenerate,
    doStream: () => Promise.reject(new AppError("INTERNAL", "Models are not streamed")),
  };
}

type Execute = (call: CallOfModel) => Promise<unknown>;

function toSdkTools(tools: AgentTools, execute: Execute): ToolSet {
  return Object.fromEntries(
    Object.entries(tools).map(([name, tool]) => [
      name,
      dynamicTool({
        description: tool.description,
        inputSchema: toSchemaOnce(tool.inputSchema),
        execute: (input, { toolCallId }) => execute({ tool, name, toolCallId, input }),
      }),
    ]),
  );
}

const schemas = new WeakMap<object, Schema>();

/** A schema remembers its JSON Schema, so a tool's is made once and not with every call of a model. */
function toSchemaOnce(schema: FlexibleSchema): Schema {
  const made = schemas.get(schema) ?? asSchema(schema);
  schemas.set(schema, made);
  return made;
}
