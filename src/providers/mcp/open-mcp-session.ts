import { createMCPClient, type MCPClient, MCPClientError, type MCPTransport } from "@ai-sdk/mcp";
import type { GuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import type { TransportEvents } from "./deliver-messages.ts";
import { createMcpHttp, type McpServer } from "./mcp-server.ts";
import { createSseTransport } from "./sse-transport.ts";
import { createStreamableTransport } from "./streamable-transport.ts";

/** The form of MCP that a server speaks. */
export type McpForm = "http" | "sse";

/** A connection to a server that has agreed to talk. */
export type McpSession = {
  readonly client: MCPClient;
  /** Null: not yet known. */
  readonly form: McpForm;
};

/** What servers of the older form answer to a message of the newer one. */
const KNOWS_NO_POST: ReadonlySet<number | undefined> = new Set([400, 404, 405]);

/**
 * Opens a session, in the older form where the server says that it does not know the newer one, as
 * the protocol proposes.
 */
export async function openMcpSession(
  deps: { readonly requests: GuardedRequests; readonly events: TransportEvents },
  server: McpServer,
  signal: AbortSignal,
): Promise<McpSession> {
  const http = createMcpHttp(deps.requests, server);
  const open = async (form: McpForm): Promise<McpSession> => {
    const create = form === "sse" ? createSseTransport : createStreamableTransport;
    return { form, client: await connect(create(http, deps.events), signal) };
  };
  if (server.transport !== "auto") return open(server.transport);
  try {
    return await open("http");
  } catch (error) {
    if (!MCPClientError.isInstance(error) || !KNOWS_NO_POST.has(error.statusCode)) throw error;
    // Where that fails, too, the first answer says more.
    return await open("sse").catch(() => Promise.reject(error));
  }
}

async function connect(transport: MCPTransport, signal: AbortSignal): Promise<MCPClient> {
  try {
    return await createMCPClient({
      transport,
      clientName: "parley",
      initializationOptions: { signal },
      onUncaughtError: () => {}, // what matters fails a call
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
