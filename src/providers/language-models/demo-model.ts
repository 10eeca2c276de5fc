import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4Prompt,
} from "@ai-sdk/provider";
import { AppError } from "#domain/errors.ts";
import { estimateTokens } from "#domain/estimate-tokens.ts";
import { DEMO_PHRASES, QUESTION_SEPARATOR } from "./demo-phrases.ts";
import type { DemoPhrases } from "./demo-phrases.ts";
import { quotePassages } from "./quote-passages.ts";
import { readDemoMessage } from "./read-demo-message.ts";

/** The tool through which the demo model finds passages, when it is offered. */
const SEARCH_TOOL = "search_knowledge_base";

/**
 * `demo:extractive`: a model that runs offline and always says the same to the same prompt. It is
 * polite in some languages and quotes the sentences that fit a question; it says so when it has
 * nothing to quote. Token numbers are estimates.
 */
export const demoModel: LanguageModelV4 = {
  specificationVersion: "v4",
  provider: "demo",
  modelId: "extractive",
  supportedUrls: {},
  doGenerate: (options) => Promise.resolve(answer(options)),
  doStream: () => Promise.reject(new AppError("INTERNAL", "Models are not streamed")),
};

function answer(options: LanguageModelV4CallOptions): LanguageModelV4GenerateResult {
  const messages = textsSinceLastAnswer(options.prompt).map(readDemoMessage);
  const questions = messages.flatMap(({ question }) => (question === null ? [] : [question]));
  const results = searchResults(options.prompt);

  if (questions.length > 0 && results.length === 0 && mayUse(SEARCH_TOOL, options)) {
    return toResult(options.prompt, questions.map(toSearchCall));
  }

  const language = messages.findLast((message) => message.language !== null)?.language ?? "en";
  const phrases = DEMO_PHRASES[language];
  const courtesies = [
    ...(messages.some(({ greets }) => greets) ? [phrases.greeting] : []),
    ...(messages.some(({ thanks }) => thanks) ? [phrases.welcome] : []),
    ...(messages.some(({ saysGoodbye }) => saysGoodbye) ? [phrases.goodbye] : []),
  ];
  const answers =
    results.length === 0
      ? sayNoDocuments(questions, phrases)
      : questions.map((question, index) => answerFrom(results[index], question, phrases));
  const text = [...courtesies, ...answers].join("\n\n");
  return toResult(options.prompt, [{ type: "text", text: text === "" ? phrases.greeting : text }]);
}

function toSearchCall(question: string, index: number): LanguageModelV4Content {
  return {
    type: "tool-call",
    toolCallId: `demo-search-${index}`,
    toolName: SEARCH_TOOL,
    input: JSON.stringify({ query: question }),
  };
}

function answerFrom(searchResult: unknown, question: string, phrases: DemoPhrases): string {
  const quote = quotePassages(question, searchResult);
  if (quote === null) return phrases.notFound(inQuotes(question));
  return quote.source === null ? quote.text : `${quote.text}\n_${phrases.source(quote.source)}_`;
}

function sayNoDocuments(questions: readonly string[], phrases: DemoPhrases): string[] {
  if (questions.length === 0) return [];
  return [phrases.noDocuments(questions.map(inQuotes).join(QUESTION_SEPARATOR))];
}

const QUOTED_CHARACTERS_MAX = 120;

function inQuotes(question: string): string {
  const characters = Array.from(question.replaceAll(/\s+/gu, " "));
  const isShort = characters.length <= QUOTED_CHARACTERS_MAX;
  const shown = characters.slice(0, QUOTED_CHARACTERS_MAX).join("").trim();
  return isShort ? `“${shown}”` : `“${shown}…”`;
}

function mayUse(toolName: string, { tools, toolChoice }: LanguageModelV4CallOptions): boolean {
  return toolChoice?.type !== "none" && (tools ?? []).some((tool) => tool.name === toolName);
}

/** How a note of ours begins that stands among the customer's messages. */
const NOTE = "[Note for the next messages:";

/** The messages nobody has answered yet: a burst, in its order. */
function textsSinceLastAnswer(prompt: LanguageModelV4Prompt): string[] {
  const texts: string[] = [];
  for (const message of prompt) {
    if (message.role === "user") {
      const text = message.content
        .map((part) => (part.type === "text" ? part.text : ""))
        .join("\n");
      if (!text.startsWith(NOTE)) texts.push(text);
    } else if (
      message.role === "assistant" &&
      message.content.some(({ type }) => type === "text")
    ) {
      texts.length = 0;
    }
  }
  return texts;
}

/** What the searches of this turn found, in the order of the questions. */
function searchResults(prompt: LanguageModelV4Prompt): unknown[] {
  const lastUser = prompt.findLastIndex(({ role }) => role === "user");
  return prompt
    .slice(lastUser + 1)
    .flatMap((message) =>
      message.role !== "tool"
        ? []
        : message.content.flatMap((part) =>
            part.type === "tool-result" && "value" in part.output ? [part.output.value] : [],
          ),
    );
}

function toResult(
  prompt: LanguageModelV4Prompt,
  content: LanguageModelV4Content[],
): LanguageModelV4GenerateResult {
  const isCall = content.some(({ type }) => type === "tool-call");
  const input = estimateTokens(JSON.stringify(prompt));
  const output = estimateTokens(JSON.stringify(content));
  return {
    content,
    finishReason: { unified: isCall ? "tool-calls" : "stop", raw: undefined },
    usage: {
      inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: output, text: output, reasoning: 0 },
    },
    warnings: [],
  };
}
