import { z } from "zod";
import type { KnowledgeSearch } from "#domain/knowledge-search.ts";
import { languageNames } from "#domain/language.ts";
import type { AgentTool } from "./agent-tool.ts";

/** The name that the model sees, from the specification. */
export const SEARCH_KNOWLEDGE_BASE = "search_knowledge_base";

/** Longer questions hold no more: retrieval reads words and meaning, not an essay. */
const QUERY_LENGTH_MAX = 2_000;

const Input = z.object({
  query: z
    .string()
    .min(1)
    .max(QUERY_LENGTH_MAX)
    .describe(
      "What to look for, as a full question with the words that a document would use. Resolve what 'it' or 'there' means from the conversation.",
    ),
});

const DESCRIPTION =
  "Searches the documents of the business: manuals, price lists, web pages. Use it before you answer any question about the business, its products, prices, rules or opening hours, and answer from what it finds, naming the document. Several questions need several searches.";

/**
 * The built-in tool that lets the model look into the chatbot's documents. Whose documents is settled
 * by the server: the model can only say what to look for.
 * @param languages what the documents are written in (ISO 639-1): the model then asks them in theirs.
 */
export function createSearchKnowledgeBase(
  search: (query: string, signal: AbortSignal) => Promise<KnowledgeSearch>,
  languages: readonly string[],
): AgentTool {
  return {
    description:
      languages.length === 0
        ? DESCRIPTION
        : `${DESCRIPTION} They are written in ${languageNames(languages)}: write the query in ${languages.length === 1 ? "that language" : "the one of these that fits"}, whatever the customer writes in.`,
    inputSchema: Input,
    execute: (input, signal) => search(Input.parse(input).query, signal),
  };
}
