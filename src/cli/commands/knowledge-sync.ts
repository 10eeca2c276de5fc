import { z } from "zod";
import { defineComposedCommand } from "./command.ts";
import { sourceReference } from "./find-source.ts";
import { requestAndFollow } from "./request-and-follow.ts";
import { RESULT_VIEW } from "./source-summary.ts";

/** `knowledge sync`. */
export const knowledgeSync = defineComposedCommand({
  name: "knowledge sync",
  summary: "Look now whether a page has changed, and learn it anew if it has.",
  details: "--every-hours also sets how often this happens by itself; 0 ends that.",
  examples: [
    "./parley knowledge sync https://example.com/faq",
    "./parley knowledge sync https://example.com/faq --every-hours 24",
  ],
  input: z.strictObject({
    source: sourceReference,
    everyHours: z
      .number()
      .min(0)
      .max(8_784)
      .optional()
      .meta({ placeholder: "hours" })
      .describe("Look every so many hours from now on; 0: only on demand."),
  }),
  view: RESULT_VIEW,
  isFailure: (row) => row["status"] === "failed",
  compose: (caller, { source, everyHours }) =>
    requestAndFollow(caller, {
      source,
      kind: "sync",
      ...(everyHours === undefined
        ? {}
        : {
            syncIntervalMinutes: everyHours === 0 ? null : Math.max(5, Math.round(everyHours * 60)),
          }),
    }),
});
