import { z } from "zod";
import type { Caller } from "./command.ts";
import { followDocuments } from "./follow-documents.ts";
import { knowledgeRequest } from "./knowledge-request.ts";
import type { DocumentResult } from "./source-summary.ts";

const Requested = z.object({ sourceId: z.string(), name: z.string() });

/** Has a document read again, and waits for it. */
export async function* requestAndFollow(
  caller: Caller,
  request: {
    readonly source: string;
    readonly kind: "retry" | "sync";
    readonly syncIntervalMinutes?: number | null;
  },
): AsyncGenerator<DocumentResult> {
  const startedMs = performance.now();
  for await (const row of caller.call(knowledgeRequest, request)) {
    const { sourceId, name } = Requested.parse(row);
    yield* followDocuments(caller, [{ file: name, sourceId, startedMs }]);
  }
}
