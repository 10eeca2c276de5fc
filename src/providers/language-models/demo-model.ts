import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4Prompt,
} from "@ai-sdk/provider";
import { AppError } from "#domain/errors.ts";
import { estimateTokens } from "#domain/estimate-tokens.ts";
import { DEMO_MEDIA_PHRASES } from "./demo-media-phrases.ts";
import { DEMO_PHRASES, QUESTION_SEPARATOR } from "./demo-phrases.ts";
import type { DemoLanguage, DemoPhrases } from "./demo-phrases.ts";
import { quotePassages } from "./quote-passages.ts";
import type { Quote } from "./quote-passages.ts";
import { readDemoMessage } from "./read-demo-message.ts";
import { readDemoNote } from "./read-demo-note.ts";
import type { DemoNote } from "./read-demo-note.ts";

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
  const { earlier, unanswered } = readTexts(options.prompt);
  const notes = unanswered.map(readDemoNote);
  const messages = notes.map(({ words }) => readDemoMessage(words));
  const questions = messages.flatMap(({ question }) => (question === null ? [] : [question]));
  const documents = [...unanswered, ...earlier.toReversed()].flatMap(
    (text) => readDemoNote(text).document ?? [],
  );
  const results = searchResults(options.prompt);
  const quotes = questions.map((question) => quoteDocuments(question, documents));

  const open = questions.filter((_question, index) => quotes[index] === null);
  if (open.length > 0 && results.length === 0 && mayUse(SEARCH_TOOL, options)) {
    return toResult(options.prompt, open.map(toSearchCall));
  }

  const language =
    messages.findLast((message) => message.language !== null)?.language ?? guessEarlier(earlier);
  const phrases = DEMO_PHRASES[language];
  const courtesies = [
    ...(messages.some(({ greets }) => greets) ? [phrases.greeting] : []),
    ...(messages.some(({ thanks }) => thanks) ? [phrases.welcome] : []),
    ...(messages.some(({ saysGoodbye }) => saysGoodbye) ? [phrases.goodbye] : []),
  ];
  const answers =
    results.length === 0
      ? sayNoDocuments(open, phrases)
      : open.map((question, index) => answerFrom(results[index], question, phrases));
  const quoted = quotes.flatMap((quote) => (quote === null ? [] : [word(quote, phrases)]));
  const remarks = remarksOn(notes, { questions, language });
  const text = [...courtesies, ...remarks, ...quoted, ...answers].join("\n\n");
  return toResult(options.prompt, [{ type: "text", text: text === "" ? phrases.greeting : text }]);
}

/** What is said about things that are no text: once for each kind. */
function remarksOn(
  notes: readonly DemoNote[],
  {
    questions,
    language,
  }: { readonly questions: readonly string[]; readonly language: DemoLanguage },
): readonly string[] {
  const phrases = DEMO_MEDIA_PHRASES[language];
  const remarks = notes.flatMap(({ kind, document }) => {
    if (kind !== null) return [phrases[kind]];
    if (document === null || questions.length > 0) return [];
    return [phrases.document(inQuotes(document.name === "" ? "…" : document.name))];
  });
  return [...new Set(remarks)];
}

type DemoDocument = NonNullable<DemoNote["document"]>;

/** From what the customer has sent, the newest first. */
function quoteDocuments(question: string, documents: readonly DemoDocument[]): Quote | null {
  const passages = documents.flatMap(({ name, text }) =>
    parts(text).map((part) => ({ text: part, ...(name === "" ? {} : { source: name }) })),
  );
  return quotePassages(question, passages);
}

/** Paragraphs; a heading alone is no answer. */
function parts(text: string): readonly string[] {
  return text.split(/\n{2,}/).filter((part) => !part.startsWith("# "));
}

/** The language in which the customer wrote before; English for whoever never wrote. */
function guessEarlier(texts: readonly string[]): DemoLanguage {
  const languages = texts.map((text) => readDemoMessage(readDemoNote(text).words).language);
  return languages.findLast((language) => language !== null) ?? "en";
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
  return quote === null ? phrases.notFound(inQuotes(question)) : word(quote, phrases);
}

function word({ text, source }: Quote, phrases: DemoPhrases): string {
  return source === null ? text : `${text}\n_${phrases.source(source)}_`;
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

/** The customer's messages: those that nobody has answered yet (a burst, in its order) and the others. */
function readTexts(prompt: LanguageModelV4Prompt) {
  const earlier: string[] = [];
  const unanswered: string[] = [];
  for (const message of prompt) {
    if (message.role === "user") {
      const text = message.content
        .map((part) => (part.type === "text" ? part.text : ""))
        .join("\n");
      if (!text.startsWith(NOTE)) unanswered.push(text);
    } else if (
      message.role === "assistant" &&
      message.content.some(({ type }) => type === "text")
    ) {
      earlier.push(...unanswered.splice(0));
    }
  }
  return { earlier, unanswered };
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
