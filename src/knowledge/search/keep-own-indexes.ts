import type { ChatbotId } from "#domain/ids.ts";
import type { Clock } from "#platform/clock.ts";
import type { Logger } from "#platform/logger.ts";
import { asSystem } from "#store/as-tenant.ts";
import type { Database } from "#store/database.ts";
import {
  buildOwnIndex,
  cancelBuild,
  dropOwnIndex,
  listOwnIndexes,
  lockOwnIndexes,
  mayBuildIndexes,
  type OwnerConnection,
  type OwnIndex,
  prepareToBuild,
  readBuildProgress,
} from "#store/own-indexes.ts";

/** What the upkeep of the indexes needs. */
export type KeepOwnIndexesDeps = {
  readonly database: Pick<Database, "db" | "kind" | "asOwner">;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly logger: Pick<Logger, "info">;
};

/** From how many passages on a chatbot has an index of its own. */
export type OwnIndexLimits = {
  /** With more passages than this it gets one. */
  readonly buildAbove: number;
  /** With fewer than this it loses it. Further below, so that none is built and dropped in turn. */
  readonly dropBelow: number;
};

/**
 * Reading the signs of all passages costs some 0.3 µs for each: 20 ms at 60,000, where the index needs 5
 * (docs/adr/0017).
 */
export const OWN_INDEX_LIMITS: OwnIndexLimits = { buildAbove: 50_000, dropBelow: 40_000 };

/** One thing that was done. */
export type IndexChange = {
  readonly action: "built" | "dropped";
  readonly chatbotId: ChatbotId;
  readonly passages: number;
  readonly seconds: number;
};

/** What was done, or why nothing could be. */
export type KeptIndexes =
  | { readonly kind: "kept"; readonly changes: readonly IndexChange[] }
  /** The embedded database builds none; this login does not own the tables; another process is at it. */
  | { readonly kind: "embedded" | "not-owner" | "busy" };

/** How often a build tells how far it is. */
const PROGRESS_MS = 15_000;

/**
 * Builds an HNSW index of its own for each chatbot with many passages, one at a time, and drops those of
 * chatbots that have few now. What a killed build left behind is dropped and built again.
 */
export function keepOwnIndexes(
  deps: KeepOwnIndexesDeps,
  limits: OwnIndexLimits,
  signal: AbortSignal,
): Promise<KeptIndexes> {
  if (deps.database.kind === "embedded") return Promise.resolve({ kind: "embedded" });
  return deps.database.asOwner((owner) =>
    // one connection throughout: it holds the lock
    owner.connection().execute(async (connection): Promise<KeptIndexes> => {
      if (!(await mayBuildIndexes(connection))) return { kind: "not-owner" };
      if (!(await lockOwnIndexes(connection))) return { kind: "busy" };
      const builder = { connection, pid: await prepareToBuild(connection) };
      const found = await asSystem(deps.database.db, (system) =>
        listOwnIndexes(system, limits.dropBelow),
      );
      const changes: IndexChange[] = [];
      for (const index of found) {
        const { drop, build } = planOwnIndex(index, limits);
        signal.throwIfAborted();
        if (drop) {
          const seconds = await timed(deps, () => dropOwnIndex(connection, index.chatbotId));
          changes.push(tell(deps, { action: "dropped", ...describe(index), seconds }));
        }
        if (build) {
          const work = () => buildWatched(deps, { ...builder, index }, signal);
          changes.push(
            tell(deps, { action: "built", ...describe(index), seconds: await timed(deps, work) }),
          );
        }
      }
      return { kind: "kept", changes };
    }),
  );
}

/** What is to be done with a chatbot's index. */
export function planOwnIndex(
  { state, passages }: Pick<OwnIndex, "state" | "passages">,
  { buildAbove, dropBelow }: OwnIndexLimits,
): { readonly drop: boolean; readonly build: boolean } {
  return {
    drop: state === "broken" || (state === "whole" && passages < dropBelow),
    // a broken one says that the chatbot was above the upper limit
    build: passages > buildAbove ? state !== "whole" : state === "broken" && passages >= dropBelow,
  };
}

type Build = {
  readonly connection: OwnerConnection;
  /** Of the server's process behind the connection. */
  readonly pid: number;
  readonly index: OwnIndex;
};

/** Tells from time to time how far it is, and gives it up when asked to: the next run drops the rest. */
async function buildWatched(
  deps: KeepOwnIndexesDeps,
  { connection, pid, index }: Build,
  signal: AbortSignal,
): Promise<void> {
  const { chatbotId, passages } = index;
  deps.logger.info({ chatbotId, passages }, "building a chatbot's own index");
  const ended = new AbortController();
  const cancel = () => {
    // the build itself tells whether it ended
    void deps.database.asOwner((owner) => cancelBuild(owner, pid)).catch(() => {});
  };
  signal.addEventListener("abort", cancel, { once: true });
  const watching = tellProgress(deps, { pid, index }, ended.signal);
  try {
    await buildOwnIndex(connection, chatbotId);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
    ended.abort();
    await watching;
  }
}

async function tellProgress(
  { database, clock, logger }: KeepOwnIndexesDeps,
  { pid, index: { chatbotId } }: Pick<Build, "pid" | "index">,
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted) {
    try {
      await clock.sleep(PROGRESS_MS, ended);
      const share = await database.asOwner((owner) => readBuildProgress(owner, pid));
      if (share !== null && !ended.aborted)
        logger.info(
          { chatbotId, percent: Math.round(share * 100) },
          "building a chatbot's own index",
        );
    } catch {
      // it has ended, or the database is away for a moment: the build itself tells
    }
  }
}

const describe = ({ chatbotId, passages }: OwnIndex) => ({ chatbotId, passages });

async function timed({ clock }: KeepOwnIndexesDeps, work: () => Promise<void>): Promise<number> {
  const startMs = clock.monotonicMs();
  await work();
  return Math.round((clock.monotonicMs() - startMs) / 100) / 10;
}

function tell({ logger }: KeepOwnIndexesDeps, change: IndexChange): IndexChange {
  const { action, ...fields } = change;
  logger.info(fields, `chatbot's own index ${action}`);
  return change;
}
