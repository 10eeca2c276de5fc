import { z } from "zod";
import type { ModelRequest, ModelToolCall } from "./model-request.ts";

/** What customers ask for outright, as in `/call book_table {"day":"Monday"}`, on a line of its own or in a text. */
const WANTED = /\/call ([\w-]+)(?: (\{.*\}))?/g;
const Input = z.record(z.string(), z.unknown());

/**
 * The calls of tools on offer that the customer's texts since the model's last words ask for, and those
 * texts: lets people and tests try tools without a model that decides.
 */
export function findWantedCalls({ turns, tools }: Pick<ModelRequest, "turns" | "tools">): {
  readonly texts: readonly string[];
  readonly calls: readonly ModelToolCall[];
} {
  const lastWords = turns.findLastIndex(
    ({ role, texts }) => role === "assistant" && texts.some((text) => text !== ""),
  );
  const texts = turns
    .slice(lastWords + 1)
    .flatMap((turn) => (turn.role === "user" ? turn.texts : []));
  const calls = texts.flatMap((text) =>
    [...text.matchAll(WANTED)].flatMap(([, name = "", input = "{}"]) =>
      tools.includes(name) ? [{ name, input: parseInput(input) }] : [],
    ),
  );
  return { texts, calls };
}

function parseInput(text: string): ModelToolCall["input"] {
  try {
    return Input.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
