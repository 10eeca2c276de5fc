import { AppError, toAppError } from "#domain/errors.ts";
import type { OrganizationId } from "#domain/ids.ts";
import { DocumentTask, type KnowledgeSource, SourceId } from "#domain/knowledge.ts";
import type { Turn } from "#domain/turn.ts";
import type { TurnHandler, TurnResult, TurnSession } from "#mailbox/turn-handler.ts";
import type { Logger } from "#platform/logger.ts";
import { asTenant } from "#store/as-tenant.ts";
import { findSource } from "#store/knowledge-sources.ts";
import { noteWaiting } from "#store/source-progress.ts";
import { type FailDocumentDeps, failDocument } from "./fail-document.ts";
import { ingestDocument, type IngestDeps } from "./ingest-document.ts";
import { isWorthWaiting } from "./is-worth-waiting.ts";
import { dropReading } from "./kept-reading.ts";
import { prepareNextModel } from "./prepare-next-model.ts";

export type DocumentHandlerDeps = IngestDeps &
  FailDocumentDeps & {
    readonly logger: Logger;
    /** First wait for an embedding service that does not answer; it doubles, up to five minutes. */
    readonly firstWaitMs: number;
  };

/** A document in its turn. */
export type DocumentRun = {
  readonly session: TurnSession;
  readonly organizationId: OrganizationId;
  readonly source: KnowledgeSource;
  readonly tasks: readonly DocumentTask[];
  /** Called for each piece of progress that a crash does not undo. */
  readonly onProgress: () => void;
};

const LONGEST_WAIT_MS = 5 * 60_000;
/** Tries without any progress until a document fails: with the waits between them about half an hour. */
const TRIES_MAX = 12;

/**
 * The mailbox of a document: reads it, cuts it, embeds it, and shows it to searches when it is whole.
 * A run that was cut off goes on after the last passages that were stored.
 */
export function createDocumentHandler(deps: DocumentHandlerDeps): TurnHandler {
  return {
    run: async (session) => {
      const found = await findRun(deps, session);
      if (found === null) return { kind: "skipped" };
      let madeProgress = false;
      const run = { ...found, onProgress: () => (madeProgress = true) };
      try {
        return await perform(deps, run);
      } catch (error) {
        if (session.signal.aborted) throw error;
        return waitOrThrow(deps, run, { error: toAppError(error), madeProgress });
      }
    },
    fail: async (session, error) => {
      const run = await findRun(deps, session).catch(() => null);
      if (run === null) return null;
      await dropReading(deps, run.source).catch(() => {}); // goes with the document at the latest
      return { effects: await failDocument(deps, { ...run, onProgress: () => {} }, error) };
    },
  };
}

async function perform(deps: DocumentHandlerDeps, run: DocumentRun): Promise<TurnResult> {
  for (const { obsoleteFile } of run.tasks)
    if (obsoleteFile !== null && obsoleteFile !== run.source.filePath)
      await deps.storage.remove(obsoleteFile);
  const reads = run.tasks.some(({ kind }) => kind !== "reembed");
  return reads ? ingestDocument(deps, run) : prepareNextModel(deps, run);
}

async function findRun(
  deps: DocumentHandlerDeps,
  session: TurnSession,
): Promise<Omit<DocumentRun, "onProgress"> | null> {
  const { organizationId } = session.turn;
  if (organizationId === null) return null;
  const source = await asTenant(deps.db, organizationId, (tenant) =>
    findSource(tenant, readSourceId(session.turn)),
  );
  if (source === null || source.removedAt !== null) return null;
  const tasks = session.turn.messages.map((message) => DocumentTask.parse(message));
  return { session, organizationId, source, tasks };
}

function readSourceId(turn: Turn): SourceId {
  return SourceId.parse(turn.key.slice(turn.key.indexOf(":") + 1));
}

/**
 * An embedding service that asks to slow down or is away is waited for, longer each time: a long
 * document meets that often, and what it has paid for is stored.
 */
async function waitOrThrow(
  deps: DocumentHandlerDeps,
  run: DocumentRun,
  failure: { readonly error: AppError; readonly madeProgress: boolean },
): Promise<TurnResult> {
  const { error, madeProgress } = failure;
  if (!isWorthWaiting(error)) throw error;
  const tries = await asTenant(deps.db, run.organizationId, (tenant) =>
    noteWaiting(tenant, run.source.id, { code: error.code, reason: error.message, madeProgress }),
  );
  if (tries >= TRIES_MAX)
    throw new AppError("TURN_ATTEMPTS_EXHAUSTED", error.message, {
      cause: error,
      details: { tries, lastCode: error.code },
    });
  const growing = Math.min(LONGEST_WAIT_MS, deps.firstWaitMs * 2 ** (tries - 1));
  const waitMs = Math.max(growing, error.retryAfterMs ?? 0);
  deps.logger.info(
    { turnId: run.session.turn.turnId, error, waitMs },
    "document waits for its embeddings",
  );
  return { kind: "waiting", waitMs, errorCode: error.code };
}
