import type { AgentTools } from "#agent/agent-tool.ts";

/** Tools of one integration, and what sets their names apart from others'. */
export type NamedSource = { readonly prefix: string; readonly tools: AgentTools };

/** What the providers of models allow. */
const NAME_LENGTH_MAX = 64;
const NOT_ALLOWED = /[^a-zA-Z0-9_-]/g;

/**
 * All tools under names of their own: a source's single tool keeps its name, those of a source with
 * several begin with the source's. Where names still meet, the later one gets a number. The same rows
 * give the same names, so that a resumed turn finds its tools.
 */
export function nameTools(sources: readonly NamedSource[]): AgentTools {
  const named = new Map<string, AgentTools[string]>();
  for (const { prefix, tools } of sources) {
    const entries = Object.entries(tools);
    for (const [name, tool] of entries) {
      const needsPrefix = entries.length > 1 && !name.startsWith(prefix);
      named.set(freeName(named, needsPrefix ? `${prefix}_${name}` : name), tool);
    }
  }
  return Object.fromEntries(named);
}

/** Tools of the platform's own; no integration may take their place. */
const RESERVED = new Set([
  "search_knowledge_base",
  "reply_with_options",
  "send_link",
  "request_location",
  "send_file",
  "hand_over_to_human",
]);

function freeName(taken: ReadonlyMap<string, unknown>, wanted: string): string {
  const plain = wanted.replaceAll(NOT_ALLOWED, "_") || "tool";
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? "" : `_${number}`;
    const name = `${plain.slice(0, NAME_LENGTH_MAX - suffix.length)}${suffix}`;
    if (!taken.has(name) && !RESERVED.has(name)) return name;
  }
}
