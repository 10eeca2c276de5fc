import type { CallToolResult } from "@ai-sdk/mcp";
import { AppError } from "#domain/errors.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import type { Clock } from "#platform/clock.ts";
import { untilAborted } from "#platform/until-aborted.ts";
import type { GuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { type CallContext, inCallContext } from "./call-context.ts";
import { explainHarmlessFailure, explainMcpFailure } from "./explain-mcp-failure.ts";
import { keepSession, type KeptSession } from "./kept-session.ts";
import { listMcpTools, type McpTool } from "./list-mcp-tools.ts";
import type { McpServer } from "./mcp-server.ts";
import { type McpForm, openMcpSession } from "./open-mcp-session.ts";

/** A server as one integration reaches it; with other settings or credentials the key is another. */
export type KeyedMcpServer = McpServer & { readonly key: string };

/** One call of a tool. */
export type McpCall = {
  readonly name: string;
  readonly arguments: JsonObject;
  readonly context: CallContext;
};

/**
 * Talks to MCP servers. Sessions are kept while they are used, and tool lists for some minutes; both
 * are made anew when a server has forgotten or changed them.
 */
export type McpClients = {
  /** @throws AppError of the TOOL_… codes. */
  readonly listTools: (server: KeyedMcpServer, signal: AbortSignal) => Promise<readonly McpTool[]>;
  /** Asks for the list again the next time, unless that was only just done. */
  readonly refreshTools: (server: KeyedMcpServer) => void;
  /**
   * Calls a tool once; again only where the server had refused the call unread, since it knew nothing
   * of the session.
   * @throws AppError of the TOOL_… codes; the signal's reason when it is aborted.
   */
  readonly callTool: (
    server: KeyedMcpServer,
    call: McpCall,
    signal: AbortSignal,
  ) => Promise<CallToolResult>;
  readonly close: () => Promise<void>;
};

/** Limits of what is kept. */
export type McpClientLimits = {
  /** Until a server has agreed to talk, or has listed its tools. */
  readonly openTimeoutMs: number;
  /** A session that nobody has used for so long is closed. */
  readonly sessionIdleMs: number;
  /** A list of tools is asked for again after so long. */
  readonly toolsMaxAgeMs: number;
  /** And not again before, however often somebody misses a tool in it. */
  readonly toolsMinAgeMs: number;
  /** Servers that are remembered; the one unused for longest is forgotten first. */
  readonly serversMax: number;
};

/** The customer waits: a server that needs longer than 10 s to say hello is down. */
export const MCP_CLIENT_LIMITS: McpClientLimits = {
  openTimeoutMs: 10_000,
  sessionIdleMs: 60_000,
  toolsMaxAgeMs: 300_000,
  toolsMinAgeMs: 30_000,
  serversMax: 500,
};

type Entry = {
  readonly server: KeyedMcpServer;
  readonly session: KeptSession;
  tools: { readonly listed: Promise<readonly McpTool[]>; readonly atMs: number } | null;
};

type Deps = {
  readonly requests: GuardedRequests;
  readonly clock: Clock;
  readonly limits: McpClientLimits;
  /** By key; the last one is the one used last. */
  readonly entries: Map<string, Entry>;
  readonly closed: AbortController;
};

/** Connects to nothing before the first call. */
export function createMcpClients(
  deps: Pick<Deps, "requests" | "clock"> & { readonly limits?: Partial<McpClientLimits> },
): McpClients {
  const self: Deps = {
    ...deps,
    limits: { ...MCP_CLIENT_LIMITS, ...deps.limits },
    entries: new Map(),
    closed: new AbortController(),
  };
  return {
    listTools: async (server, signal) =>
      untilAborted(listTools(self, entryOf(self, server)), signal),
    refreshTools: ({ key }) => {
      const entry = self.entries.get(key);
      if (entry === undefined || entry.tools === null) return;
      const ageMs = self.clock.monotonicMs() - entry.tools.atMs;
      if (ageMs >= self.limits.toolsMinAgeMs) entry.tools = null;
    },
    callTool: async (server, call, signal) => callTool(entryOf(self, server), call, signal),
    close: async () => {
      self.closed.abort(new AppError("TOOL_UNAVAILABLE", "Parley is stopping."));
      await Promise.all([...self.entries.values()].map(({ session }) => session.close()));
      self.entries.clear();
    },
  };
}

function entryOf(self: Deps, server: KeyedMcpServer): Entry {
  self.closed.signal.throwIfAborted();
  const entry = self.entries.get(server.key) ?? createEntry(self, server);
  self.entries.delete(server.key);
  self.entries.set(server.key, entry);
  if (self.entries.size > self.limits.serversMax) {
    const forgotten = [...self.entries.values()].find(({ session }) => !session.isBusy());
    if (forgotten !== undefined && forgotten !== entry) {
      self.entries.delete(forgotten.server.key);
      forgotten.session.end();
    }
  }
  return entry;
}

function createEntry(self: Deps, server: KeyedMcpServer): Entry {
  let form: McpForm | null = null;
  const entry: Entry = {
    server,
    tools: null,
    session: keepSession({
      clock: self.clock,
      idleMs: self.limits.sessionIdleMs,
      toolsChanged: () => {
        entry.tools = null;
      },
      open: async (events) => {
        const known = form === null ? server : { ...server, transport: form };
        form = null; // until it has proven right once more
        const session = await withinTime(self, (signal) =>
          twiceIfBroken(() => openMcpSession({ requests: self.requests, events }, known, signal)),
        );
        form = session.form;
        return session;
      },
    }),
  };
  return entry;
}

/** One list for all who ask at once, and for who asks within some minutes. */
function listTools(self: Deps, entry: Entry): Promise<readonly McpTool[]> {
  const nowMs = self.clock.monotonicMs();
  if (entry.tools !== null && nowMs - entry.tools.atMs < self.limits.toolsMaxAgeMs)
    return entry.tools.listed;
  const listed = withinTime(self, (signal) =>
    entry.session.use(({ client }) => listMcpTools(client, signal), signal),
  ).catch((error: unknown) => {
    if (entry.tools?.listed === listed) entry.tools = null;
    throw explainHarmlessFailure(error);
  });
  entry.tools = { listed, atMs: nowMs };
  return listed;
}

async function callTool(entry: Entry, call: McpCall, signal: AbortSignal): Promise<CallToolResult> {
  const { name } = call;
  try {
    return await entry.session.use(
      ({ client }) =>
        inCallContext(call.context, () =>
          client.callTool({ name, arguments: call.arguments, options: { signal } }),
        ),
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    throw explainMcpFailure(error);
  }
}

/** What has no effect and is waited for by several gets a time limit of its own. */
async function withinTime<Result>(
  { closed, limits: { openTimeoutMs } }: Deps,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const timeout = AbortSignal.timeout(openTimeoutMs);
  try {
    return await work(AbortSignal.any([closed.signal, timeout]));
  } catch (error) {
    if (!timeout.aborted) throw error;
    throw new AppError(
      "TOOL_UNAVAILABLE",
      `The tool's server does not answer within ${openTimeoutMs / 1000} seconds.`,
      { cause: error },
    );
  }
}

/** A kept connection may break just when it is used again. Saying hello twice does no harm. */
async function twiceIfBroken<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "TOOL_OUTCOME_UNKNOWN") throw error;
    return work();
  }
}
