import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { keepOwnIndexes, OWN_INDEX_LIMITS } from "#knowledge/search/keep-own-indexes.ts";
import { defineCommand } from "./command.ts";

/** `knowledge index`. */
export const knowledgeIndex = defineCommand({
  name: "knowledge index",
  summary: "Build the search indexes of chatbots with very many passages, now.",
  details:
    "Workers do it every hour when their login owns the tables. Where it does not, run this with the owner's DATABASE_URL, as often as you like: it builds what is missing, drops what is not needed any more, and changes nothing else. Everybody can read and write meanwhile.",
  examples: ["./parley knowledge index"],
  input: z.strictObject({}),
  view: {
    kind: "table",
    columns: ["action", "chatbotId", "passages", "seconds"],
    whenEmpty: "Every chatbot has what it needs already.",
  },
  async *run(deps) {
    const kept = await keepOwnIndexes(deps, OWN_INDEX_LIMITS, new AbortController().signal);
    switch (kept.kind) {
      case "kept":
        yield* kept.changes;
        return;
      case "embedded":
        throw new AppError("INPUT_INVALID", "The embedded database needs no such index.");
      case "not-owner":
        throw new AppError(
          "INPUT_INVALID",
          "This login does not own the tables: give DATABASE_URL of the login that runs ./parley migrate.",
        );
      case "busy":
        throw new AppError("CONFLICT", "Another process is building indexes: try again later.");
    }
  },
});
