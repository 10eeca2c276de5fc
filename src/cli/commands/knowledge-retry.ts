import { z } from "zod";
import { defineComposedCommand } from "./command.ts";
import { sourceReference } from "./find-source.ts";
import { requestAndFollow } from "./request-and-follow.ts";
import { RESULT_VIEW } from "./source-summary.ts";

/** `knowledge retry`. */
export const knowledgeRetry = defineComposedCommand({
  name: "knowledge retry",
  summary: "Read a document once more, as after a failure; goes on where it stood.",
  examples: ["./parley knowledge retry manual.pdf"],
  input: z.strictObject({ source: sourceReference }),
  view: RESULT_VIEW,
  isFailure: (row) => row["status"] === "failed",
  compose: (caller, { source }) => requestAndFollow(caller, { source, kind: "retry" }),
});
