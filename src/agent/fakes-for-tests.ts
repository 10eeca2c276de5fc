import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
} from "@ai-sdk/provider";
import { z } from "zod";
import type { Checkpoint } from "#domain/checkpoint.ts";
import type { ConversationContext } from "#domain/conversation.ts";
import { ChatbotId, ContactId, ConversationId, OrganizationId } from "#domain/ids.ts";
import type { PromptChanges, PublishedPrompt } from "#domain/prompt-content.ts";
import { PromptContent } from "#domain/prompt-content.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { Clock } from "#platform/clock.ts";
import { silentLogger } from "#platform/logger.ts";
import type { AgentTool } from "./agent-tool.ts";
import type { RunAgentDeps } from "./run-agent.ts";

type Reply =
  | LanguageModelV4GenerateResult
  | Error
  | ((options: LanguageModelV4CallOptions) => Reply);

/** For tests: models that give scripted replies, by name, and remember how they were asked. */
export function fakeModels(scripts: Readonly<Record<string, readonly Reply[]>>) {
  const asked: { readonly name: string; readonly options: LanguageModelV4CallOptions }[] = [];
  const get = (name: string): LanguageModelV4 => ({
    specificationVersion: "v4",
    provider: "fake",
    modelId: name,
    supportedUrls: {},
    doGenerate: async (options) => {
      const replies = scripts[name] ?? [];
      const index = asked.filter((call) => call.name === name).length;
      asked.push({ name, options });
      let reply = replies[Math.min(index, replies.length - 1)];
      while (typeof reply === "function") reply = reply(options);
      if (reply === undefined) throw new Error(`No script for ${name}`);
      if (reply instanceof Error) throw reply;
      return reply;
    },
    doStream: () => Promise.reject(new Error("not streamed")),
  });
  return { get, asked, names: () => asked.map(({ name }) => name) };
}

/** For tests: an answer in words that cost 10 tokens in and 5 out. */
export function says(text: string): LanguageModelV4GenerateResult {
  return result([{ type: "text", text }], "stop");
}

/** For tests: an answer that calls tools with these inputs. */
export function callsTool(toolName: string, ...inputs: unknown[]): LanguageModelV4GenerateResult {
  const content = inputs.map((input, index) => ({
    type: "tool-call" as const,
    toolCallId: `call-${index}`,
    toolName,
    input: JSON.stringify(input),
  }));
  return result(content, "tool-calls");
}

/** For tests: any answer that cost 10 tokens in and 5 out. */
export function result(
  content: LanguageModelV4Content[],
  unified: LanguageModelV4GenerateResult["finishReason"]["unified"],
): LanguageModelV4GenerateResult {
  return {
    content,
    finishReason: { unified, raw: undefined },
    usage: {
      inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 5, text: 5, reasoning: 0 },
    },
    warnings: [],
  };
}

/** For tests: a checkpoint on a map of JSON texts; what was run shows in `ran`. */
export function mapCheckpoint(stored = new Map<string, string>()) {
  const ran: string[] = [];
  const checkpoint: Checkpoint = async <Result extends JsonValue>(
    name: string,
    work: () => Promise<Result>,
  ) => {
    const known = stored.get(name);
    if (known !== undefined) return parse<Result>(known);
    ran.push(name);
    const value = await work();
    stored.set(name, JSON.stringify(value));
    return parse<Result>(JSON.stringify(value));
  };
  return { checkpoint, stored, ran };
}

function parse<Result>(text: string): Result {
  return z.custom<Result>().parse(JSON.parse(text));
}

/** For tests: a clock that stands still, and whose sleepers are noted and woken at once. */
export function instantClock() {
  const sleptMs: number[] = [];
  const clock: Clock = {
    now: () => new Date("2026-01-01T00:00:00Z"),
    monotonicMs: () => 0,
    sleep: async (durationMs) => {
      sleptMs.push(durationMs);
    },
  };
  return { clock, sleptMs };
}

/** For tests: a clock whose sleepers never wake. */
export const sleepyClock: Clock = {
  now: () => new Date("2026-01-01T00:00:00Z"),
  monotonicMs: () => 0,
  sleep: () => new Promise<never>(() => {}),
};

/** For tests: a conversation in which a customer asks one thing. */
export function contextOf(changes: Partial<ConversationContext> = {}): ConversationContext {
  return {
    organizationId: OrganizationId.parse("01930000-0000-7000-8000-000000000001"),
    chatbotId: ChatbotId.parse("01930000-0000-7000-8000-000000000002"),
    conversationId: ConversationId.parse("01930000-0000-7000-8000-000000000003"),
    contactId: ContactId.parse("01930000-0000-7000-8000-000000000004"),
    chatbot: {
      name: "Pizza Roma",
      model: "fake:one",
      fallbackModel: null,
      prompt: promptOf({ systemPrompt: "You sell pizza." }),
      failureMessage: "Sorry.",
      retrieval: "none",
      shapes: [],
      knowledgeLanguages: [],
      media: { transcriptionModel: null, images: "auto" },
      hasTools: false,
      handoff: "on",
      handoffKeywords: [],
      spend: { turnCeilingMicros: null, isMonthUsedUp: false },
    },
    contact: {
      name: "Ana",
      phone: null,
      userId: null,
      attributes: {},
      language: null,
      isOptedOut: false,
    },
    loadedAt: "2026-01-01T00:00:00Z",
    language: null,
    isPaused: false,
    botSince: null,
    notices: [],
    history: [],
    incoming: [customerSays("When do you open?")],
    newestWhatsAppMessageId: "wamid.test",
    newestMessageAt: "2026-01-01T00:00:00Z",
    ...changes,
  };
}

/** For tests: published instructions. */
export function promptOf(content: PromptChanges): PublishedPrompt {
  return { version: 3, content: PromptContent.parse(content) };
}

/** For tests: one message of the customer. */
export function customerSays(text: string) {
  return { author: "customer", type: "text", text, sentAt: "2026-01-01T00:00:00Z" } as const;
}

/** For tests: what the loop needs; a clock of its own and a fresh checkpoint unless given. */
export function depsOf(
  changes: Partial<RunAgentDeps> & Pick<RunAgentDeps, "models">,
): RunAgentDeps {
  return {
    checkpoint: mapCheckpoint().checkpoint,
    clock: sleepyClock,
    logger: silentLogger,
    ...changes,
  };
}

/** For tests: one tool, called `find_hours`, that takes a day. */
export function hoursTool(execute: AgentTool["execute"]): Record<string, AgentTool> {
  return {
    find_hours: {
      description: "Finds opening hours.",
      inputSchema: z.object({ day: z.string() }),
      execute,
    },
  };
}
