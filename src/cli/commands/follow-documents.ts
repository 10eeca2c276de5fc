import { z } from "zod";
import type { Caller } from "./command.ts";
import { knowledgeWatch } from "./knowledge-watch.ts";
import type { DocumentResult } from "./source-summary.ts";

/** A document that was asked for, in the process that was called. */
export type FollowedDocument = {
  readonly file: string;
  readonly sourceId: string;
  readonly startedMs: number;
};

const State = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  step: z.string().nullable(),
  chunksDone: z.number(),
  chunksTotal: z.number().nullable(),
  chunks: z.number(),
  pages: z.number().nullable(),
  reason: z.string().nullable(),
  isFinal: z.boolean(),
});
type State = z.infer<typeof State>;

/** Waits for documents, showing how they come along; yields each as it ends. */
export async function* followDocuments(
  caller: Caller,
  documents: readonly FollowedDocument[],
): AsyncGenerator<DocumentResult> {
  const states = new Map<string, State>();
  const bySource = Map.groupBy(documents, ({ sourceId }) => sourceId);
  try {
    for await (const row of caller.call(knowledgeWatch, { ids: [...bySource.keys()] })) {
      const state = State.parse(row);
      states.set(state.id, state);
      caller.progress(formatProgress([...states.values()], bySource.size));
      if (!state.isFinal) continue;
      for (const { file, startedMs } of bySource.get(state.id) ?? [])
        yield {
          file,
          sourceId: state.id,
          status: state.status,
          reason: state.reason,
          pages: state.pages,
          chunks: state.chunks,
          seconds: Math.round((performance.now() - startedMs) / 100) / 10,
        };
    }
  } finally {
    caller.progress("");
  }
}

const BAR_CELLS = 24;
const NAME_LENGTH_MAX = 30;

/** `████░░░░ 3/12 documents · manual.pdf: embed 120/480` */
export function formatProgress(states: readonly State[], total: number): string {
  const ended = states.filter(({ isFinal }) => isFinal).length;
  const underWay = states.filter(({ isFinal, step }) => !isFinal && step !== null);
  const parts = underWay.reduce(
    (sum, { chunksDone, chunksTotal }) => sum + chunksDone / Math.max(1, chunksTotal ?? 1),
    0,
  );
  const share = total === 0 ? 1 : Math.min(1, (ended + parts) / total);
  const full = Math.floor(share * BAR_CELLS);
  const bar = "█".repeat(full) + "░".repeat(BAR_CELLS - full);
  const [current] = underWay;
  return `${bar} ${ended}/${total} documents${current === undefined ? "" : ` · ${describe(current)}`}`;
}

function describe({ name, step, chunksDone, chunksTotal }: State): string {
  const clean = name.replaceAll(/[\p{Cc}\p{Cf}]/gu, "");
  const short = clean.length > NAME_LENGTH_MAX ? `…${clean.slice(1 - NAME_LENGTH_MAX)}` : clean;
  return `${short}: ${step}${chunksTotal === null ? "" : ` ${chunksDone}/${chunksTotal}`}`;
}
