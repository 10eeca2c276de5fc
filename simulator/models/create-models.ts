import { z } from "zod";
import type { Events } from "../events.ts";
import { findImages } from "./find-images.ts";
import { findWantedCalls } from "./find-wanted-calls.ts";
import {
  estimateTokens,
  type CompleteAnswer,
  type ModelAnswer,
  type ModelRequest,
  type ModelScript,
  type NewModelRequest,
} from "./model-request.ts";

/** The fake models: a script decides, a queue goes before it, and every request is recorded. */
export type Models = {
  readonly requests: () => readonly ModelRequest[];
  /** Replaces the script; without one the model repeats what it was told. */
  readonly script: (script: ModelScript) => void;
  /** Answers for the next requests, each used once, before the script is asked. */
  readonly queue: (...answers: readonly ModelAnswer[]) => void;
  readonly record: (request: NewModelRequest) => ModelRequest;
  readonly answer: (request: ModelRequest) => Promise<CompleteAnswer>;
  /** Tokens of all chats that were answered, as their askers were told: what a provider would bill. */
  readonly counted: () => CountedTokens;
  readonly clear: () => void;
};

/** Tokens that fake models have counted. */
export type CountedTokens = { readonly inputTokens: number; readonly outputTokens: number };

/** What the models need. */
export type ModelsDeps = { readonly events: Events; readonly now: () => number };

/** Starts with the friendly echo and an empty record. */
export function createModels(deps: ModelsDeps): Models {
  let requests: ModelRequest[] = [];
  let queue: ModelAnswer[] = [];
  let script: ModelScript = () => undefined;
  let counted: CountedTokens = { inputTokens: 0, outputTokens: 0 };
  return {
    requests: () => requests,
    script: (next) => {
      script = next;
    },
    queue: (...answers) => {
      queue.push(...answers);
    },
    record: (request) => {
      const images = findImages(request.body);
      const recorded = { ...request, images, order: requests.length + 1, atMs: deps.now() };
      requests.push(recorded);
      deps.events.emit({ type: "model-request", request: recorded });
      return recorded;
    },
    answer: async (request) => {
      const answer = complete(request, queue.shift() ?? (await script(request)) ?? echo(request));
      if (request.kind === "chat")
        counted = {
          inputTokens: counted.inputTokens + answer.inputTokens,
          outputTokens: counted.outputTokens + answer.outputTokens,
        };
      return answer;
    },
    counted: () => counted,
    clear: () => {
      requests = [];
      queue = [];
      script = () => undefined;
      counted = { inputTokens: 0, outputTokens: 0 };
    },
  };
}

/** The same answer for the same request, always. */
function echo(request: ModelRequest): ModelAnswer {
  if (request.kind === "transcription") return heardIn(request);
  const last = request.turns.at(-1);
  const wanted = findWantedCalls(request);
  if (last?.role === "tool") {
    const answered = `The tool answered: ${last.texts.join(" ")}`;
    return wanted.calls.length === 0
      ? answered
      : `You said: ${wanted.texts.join(" / ")} / ${answered}`;
  }
  if (wanted.calls.length > 0) return { toolCalls: wanted.calls };
  return `You said: ${request.texts.join(" / ")}`;
}

/** The words of a voice message that a customer of ours has recorded; of others the same few. */
function heardIn({ texts, body }: ModelRequest): string {
  const { says } = z.object({ file: z.object({ says: z.string().optional() }) }).parse(body).file;
  return says === undefined ? "This is what the voice message says." : texts.join(" ");
}

function complete(request: ModelRequest, answer: ModelAnswer): CompleteAnswer {
  const text = typeof answer === "string" ? answer : (answer.text ?? "");
  const calls = typeof answer === "string" ? [] : (answer.toolCalls ?? []);
  const heard = [request.system, ...request.turns.flatMap(({ texts }) => texts)].join(" ");
  return {
    text,
    toolCalls: calls.map((call, index) => ({ ...call, id: `call_${request.order}_${index + 1}` })),
    inputTokens: estimateTokens(heard),
    outputTokens: estimateTokens(text + JSON.stringify(calls)),
  };
}
