import { z } from "zod";
import { type AppError, toAppError } from "#domain/errors.ts";
import {
  documentMailbox,
  type KnowledgeSource,
  SourceId,
  sweepMailbox,
} from "#domain/knowledge.ts";
import { asSystem } from "#store/as-tenant.ts";
import { listSources } from "#store/knowledge-sources.ts";
import { type CommandDeps, defineCommand, type Row } from "./command.ts";
import { sourceSummary } from "./source-summary.ts";
import { workOff } from "./work-here.ts";

const POLL_MS = 250;

/**
 * Tells how documents come along, a row for each change, until all of them are learned or have failed.
 * When no worker lives, it does their work itself.
 */
export const knowledgeWatch = defineCommand({
  name: "knowledge watch",
  isInternal: true,
  summary: "Tell how documents come along.",
  examples: [],
  input: z.strictObject({ ids: z.array(SourceId) }),
  view: { kind: "record" },
  async *run(deps, { ids }) {
    const stop = new AbortController();
    const failure: { error: AppError | null } = { error: null };
    const working = work(deps, ids, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) failure.error = toAppError(error);
    });
    try {
      yield* watch(deps, ids, failure);
      await working;
    } finally {
      stop.abort();
      await working;
    }
  },
});

async function work(
  deps: CommandDeps,
  ids: readonly SourceId[],
  signal: AbortSignal,
): Promise<void> {
  const sources = await load(deps, ids);
  await workOff(deps, ids.map(documentMailbox), signal);
  const sweeps = new Set(sources.map(({ chatbotId }) => sweepMailbox(chatbotId)));
  await workOff(deps, [...sweeps], signal);
}

async function* watch(
  deps: CommandDeps,
  ids: readonly SourceId[],
  failure: { readonly error: AppError | null },
): AsyncGenerator<Row> {
  const told = new Map<string, string>();
  const open = new Set<string>(ids);
  while (open.size > 0) {
    if (failure.error !== null) throw failure.error;
    const sources = await load(deps, [...open]);
    const found = new Set<string>(sources.map(({ id }) => id));
    for (const id of open) if (!found.has(id)) open.delete(id); // removed meanwhile
    for (const source of sources) {
      const { id, status, step, chunksDone, chunksTotal } = source;
      const isFinal = status === "synced" || status === "failed";
      const state = JSON.stringify([status, step, chunksDone, chunksTotal]);
      if (isFinal) open.delete(id);
      if (told.get(id) !== state) yield { ...sourceSummary(source), isFinal };
      told.set(id, state);
    }
    if (open.size > 0) await deps.clock.sleep(POLL_MS);
  }
}

async function load(
  deps: CommandDeps,
  ids: readonly string[],
): Promise<readonly KnowledgeSource[]> {
  return asSystem(deps.database.db, (system) => listSources(system, { ids }));
}
