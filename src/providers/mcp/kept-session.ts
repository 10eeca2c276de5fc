import { MCPClientError } from "@ai-sdk/mcp";
import type { Clock } from "#platform/clock.ts";
import { untilAborted } from "#platform/until-aborted.ts";
import type { TransportEvents } from "./deliver-messages.ts";
import { explainHarmlessFailure } from "./explain-mcp-failure.ts";
import type { McpSession } from "./open-mcp-session.ts";

/** A session of one server that is opened for the first call and kept for those after it. */
export type KeptSession = {
  /**
   * Does work on the session. It is done again, on a new one, only if the server refused it unread
   * because it knew nothing of the session any more.
   */
  readonly use: <Result>(
    work: (session: McpSession) => Promise<Result>,
    signal: AbortSignal,
  ) => Promise<Result>;
  /** Whether work is under way. */
  readonly isBusy: () => boolean;
  /** Lets work under way end by itself. */
  readonly end: () => void;
  /** Ends the session and all work on it. */
  readonly close: () => Promise<void>;
};

/** What a kept session needs. */
export type KeptSessionDeps = {
  readonly clock: Clock;
  readonly idleMs: number;
  readonly open: (events: TransportEvents) => Promise<McpSession>;
  readonly toolsChanged: () => void;
};

type Opened = {
  readonly session: Promise<McpSession>;
  calls: number;
  /** Not to be used for further work: a call on it failed, or the server forgot it. */
  isSpent: boolean;
  /** The server knows nothing of it. */
  isLost: boolean;
  idle: AbortController | null;
};

type Kept = KeptSessionDeps & {
  current: Opened | null;
  /** With spent ones on which work is still under way. */
  readonly all: Set<Opened>;
};

/** Opens nothing yet. */
export function keepSession(deps: KeptSessionDeps): KeptSession {
  const kept: Kept = { ...deps, current: null, all: new Set() };
  return {
    use: async (work, signal) => {
      const opened = obtain(kept);
      try {
        return await during(kept, opened, { work, signal });
      } catch (error) {
        if (!opened.isLost || !wasRefused(error)) throw error;
        return during(kept, obtain(kept), { work, signal });
      }
    },
    isBusy: () => [...kept.all].some(({ calls }) => calls > 0),
    end: () => {
      for (const opened of kept.all) {
        opened.isSpent = true;
        retire(kept, opened);
      }
    },
    close: async () => {
      await Promise.all([...kept.all].map((opened) => discard(kept, opened)));
    },
  };
}

function obtain(kept: Kept): Opened {
  if (kept.current !== null && !kept.current.isSpent) return kept.current;
  const opened: Opened = {
    session: kept.open({
      toolsChanged: kept.toolsChanged,
      sessionLost: () => {
        opened.isSpent = true;
        opened.isLost = true;
        retire(kept, opened);
      },
    }),
    calls: 0,
    isSpent: false,
    isLost: false,
    idle: null,
  };
  kept.current = opened;
  kept.all.add(opened);
  return opened;
}

async function during<Result>(
  kept: Kept,
  opened: Opened,
  { work, signal }: { work: (session: McpSession) => Promise<Result>; signal: AbortSignal },
): Promise<Result> {
  opened.calls += 1;
  opened.idle?.abort();
  try {
    return await work(await sessionOf(opened, signal));
  } catch (error) {
    // An error in the protocol's own words is an answer: the session is well.
    if (!MCPClientError.isInstance(error) || error.code === undefined) opened.isSpent = true;
    throw error;
  } finally {
    opened.calls -= 1;
    retire(kept, opened);
  }
}

/** Closes it when nothing runs on it: at once if it is spent, otherwise when it was idle for long. */
function retire(kept: Kept, opened: Opened): void {
  if (opened.calls > 0 || !kept.all.has(opened)) return;
  if (opened.isSpent) return void discard(kept, opened);
  const idle = new AbortController();
  opened.idle = idle;
  kept.clock.sleep(kept.idleMs, idle.signal).then(
    // It may be in use again although the moment had come.
    () => (idle.signal.aborted ? undefined : discard(kept, opened)),
    () => {},
  );
}

async function discard(kept: Kept, opened: Opened): Promise<void> {
  opened.isSpent = true;
  opened.idle?.abort();
  kept.all.delete(opened);
  if (kept.current === opened) kept.current = null;
  await opened.session.then(
    ({ client }) => client.close(),
    () => {},
  );
}

async function sessionOf(opened: Opened, signal: AbortSignal): Promise<McpSession> {
  const session = opened.session.catch((error: unknown) => {
    opened.isSpent = true;
    throw explainHarmlessFailure(error);
  });
  return untilAborted(session, signal);
}

function wasRefused(error: unknown): boolean {
  return MCPClientError.isInstance(error) && (error.statusCode === 404 || error.statusCode === 400);
}
