import type { Clock } from "#platform/clock.ts";
import { createGuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { type Authorization, fixedAuthorization } from "./authorization.ts";
import type { CallContext } from "./call-context.ts";
import { type McpBehaviour, startFakeMcpServer } from "./fake-mcp-server-for-tests.ts";
import { createMcpClients, type McpClientLimits } from "./mcp-clients.ts";

/** For tests: a clock that a test moves on; sleepers wake when it has. */
export function createHandClock() {
  let nowMs = 0;
  const sleepers: { readonly untilMs: number; readonly wake: () => void }[] = [];
  const clock: Clock = {
    now: () => new Date(nowMs),
    monotonicMs: () => nowMs,
    sleep: (durationMs, signal) =>
      new Promise((wake, reject) => {
        sleepers.push({ untilMs: nowMs + durationMs, wake });
        signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
      }),
  };
  const pass = (durationMs: number) => {
    nowMs += durationMs;
    for (const { untilMs, wake } of sleepers) if (untilMs <= nowMs) wake();
  };
  return { clock, pass };
}

type Setup = {
  readonly behaviour?: McpBehaviour;
  readonly limits?: Partial<McpClientLimits>;
  readonly authorization?: Authorization;
  readonly context?: CallContext;
};

/** For tests: MCP clients of a fake server, with shorthands; what they open is pushed on the stack. */
export async function startMcpClients(stack: (() => unknown)[], setup: Setup = {}) {
  const server = await startFakeMcpServer(setup.behaviour);
  const requests = createGuardedRequests({ allowPrivateAddresses: true });
  const { clock, pass } = createHandClock();
  const clients = createMcpClients({ requests, clock, limits: setup.limits ?? {} });
  stack.push(server.close, requests.close, clients.close);
  const keyed = {
    key: "one",
    url: server.url,
    transport: "auto",
    headers: { "x-fixed": "yes" },
    authorization: setup.authorization ?? fixedAuthorization("Bearer secret"),
  } as const;
  const context = setup.context ?? { meta: {}, headers: {} };
  const signal = () => AbortSignal.timeout(5_000);
  return {
    server,
    clients,
    keyed,
    pass,
    list: (key = "one") => clients.listTools({ ...keyed, key }, signal()),
    call: (given: { signal?: AbortSignal; key?: string } = {}) =>
      clients.callTool(
        { ...keyed, key: given.key ?? "one" },
        { name: "order", arguments: { size: 2 }, context },
        given.signal ?? signal(),
      ),
  };
}
