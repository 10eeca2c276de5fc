import { z } from "zod";
import { AppError } from "#domain/errors.ts";

/** Characters of a text or of data: with a note beside it still within `cutResult`, which knows neither. */
const PART_LENGTH_MAX = 19_000;
/** Of a refusal: a sentence or two. */
const REFUSAL_LENGTH_MAX = 1_000;
/** Of the type or address of something that is only named. */
const LABEL_LENGTH_MAX = 200;

const Label = z.string().transform((text) => text.slice(0, LABEL_LENGTH_MAX));

/** Lenient: a part of a kind that is not known yet is noted and left out. */
const Part = z.union([
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({ type: z.enum(["image", "audio"]), mimeType: Label.optional() }),
  z.looseObject({
    type: z.literal("resource"),
    resource: z.looseObject({
      uri: Label,
      text: z.string().optional(),
      mimeType: Label.optional(),
    }),
  }),
  z.looseObject({ type: z.literal("resource_link"), uri: Label, name: Label.optional() }),
  z.looseObject({ type: Label.transform((name) => ({ unknown: name })) }),
]);

const Result = z.looseObject({
  content: z.array(Part).default([]),
  structuredContent: z.unknown().optional(),
  /** Of the first version of the protocol. */
  toolResult: z.unknown().optional(),
  isError: z.boolean().default(false),
});

/** What a model gets of a tool's result: a text, or data with the text beside it. */
export type ToolResult =
  | string
  | { readonly text?: string; readonly data?: unknown; readonly notes?: string };

/**
 * What a model reads of the result of an MCP tool: its texts, its data, and notes of what it cannot see.
 * @throws AppError TOOL_REQUEST_REJECTED with the server's words, when the tool says that it failed;
 * TOOL_OUTCOME_UNKNOWN when nobody can tell.
 */
export function readToolResult(given: unknown): ToolResult {
  const result = Result.safeParse(given).data;
  if (result === undefined)
    throw new AppError(
      "TOOL_OUTCOME_UNKNOWN",
      "The tool's server answers with a result that makes no sense, so nobody knows whether it did what it was asked.",
    );
  const text = result.content.flatMap(textOf).join("\n");
  if (result.isError)
    throw new AppError(
      "TOOL_REQUEST_REJECTED",
      `The tool says that it failed: ${cut(text, REFUSAL_LENGTH_MAX) || "it gives no reason"}`,
    );
  const notes = result.content.flatMap(noteOf);
  const data = result.structuredContent ?? result.toolResult;
  if (data === undefined && notes.length === 0) return cut(text, PART_LENGTH_MAX);
  const json = data === undefined ? "" : JSON.stringify(data);
  return {
    // Servers repeat their data as text for clients that know only texts.
    ...(text === "" || isSameJson(text, data) ? {} : { text: cut(text, PART_LENGTH_MAX) }),
    ...(data === undefined ? {} : { data: fits(json) ? data : cut(json, PART_LENGTH_MAX) }),
    ...(notes.length === 0 ? {} : { notes: cut(notes.join("\n"), REFUSAL_LENGTH_MAX) }),
  };
}

const fits = (json: string) => json.length <= PART_LENGTH_MAX;

function textOf(part: z.infer<typeof Part>): readonly string[] {
  if (part.type === "text" && "text" in part) return [part.text];
  if (part.type === "resource" && "resource" in part && part.resource.text !== undefined)
    return [`${part.resource.uri}:\n${part.resource.text}`];
  return [];
}

function noteOf(part: z.infer<typeof Part>): readonly string[] {
  if (typeof part.type !== "string")
    return [`A part of the kind ${part.type.unknown} is left out.`];
  switch (part.type) {
    case "text":
      return [];
    case "image":
    case "audio":
      return [
        `There is ${part.type} (${part.mimeType ?? "of unknown type"}) that cannot be shown.`,
      ];
    case "resource":
      if (part.resource.text !== undefined) return [];
      return [
        `There is a file ${part.resource.uri} (${part.resource.mimeType ?? "of unknown type"}) that cannot be shown.`,
      ];
    case "resource_link":
      return [`There is more at ${part.uri}${part.name === undefined ? "" : ` (${part.name})`}.`];
  }
}

function isSameJson(text: string, data: unknown): boolean {
  if (data === undefined) return false;
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(data);
  } catch {
    return false;
  }
}

function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const beginning = text.slice(0, lengthMax).replace(/[\uD800-\uDBFF]$/, ""); // no half of a character
  return `${beginning}\n[Cut here: the result has ${text.length} characters. Ask for less to see the rest.]`;
}
