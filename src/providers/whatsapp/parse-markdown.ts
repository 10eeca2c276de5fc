import MarkdownIt from "markdown-it";
import type { Env } from "markdown-it";
import { addMarkdownRules } from "./markdown-rules.ts";
import { nestBlocks } from "./nest-blocks.ts";
import type { Block } from "./nest-blocks.ts";

/** What a text was parsed into. */
export type ParsedMarkdown = {
  readonly blocks: readonly Block[];
  readonly lines: readonly string[];
  /** Addresses of `[label]: address` lines by their label, as the parser normalizes it. */
  readonly references: Readonly<Record<string, { readonly href: string }>>;
  /** The labels of them that some link or image uses. */
  readonly usedLabels: ReadonlySet<unknown>;
};

/** Lists, items and quotes in each other that no answer has. The parser skips what is deeper. */
const NESTING_MAX = 100;

const parser = new MarkdownIt({ html: true, maxNesting: NESTING_MAX })
  .use(addMarkdownRules)
  // HTML blocks would hide the Markdown in them; and definitions may be meant to be read.
  .disable(["html_block", "strip_references"]);
// Which addresses are fit to be shown is for the renderer to say, and they stay as they are written.
parser.validateLink = () => true;
parser.normalizeLink = (url) => url;
parser.normalizeLinkText = (url) => url;

/** Parses Markdown; undefined when it is nested so deeply that a part would be missing. */
export function parseMarkdown(source: string): ParsedMarkdown | undefined {
  const environment: Env = {};
  const tokens = parser.parse(source, environment);
  if (tokens.some((token) => token.level >= NESTING_MAX - 1)) return undefined;
  const lines = source.split("\n");
  const inlineTokens = tokens.flatMap((token) => token.children ?? []);
  return {
    blocks: nestBlocks(tokens, lines),
    lines,
    references: environment.references ?? {},
    usedLabels: new Set(inlineTokens.map((token) => token.meta?.["label"])),
  };
}
