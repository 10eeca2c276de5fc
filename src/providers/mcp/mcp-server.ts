import { AppError } from "#domain/errors.ts";
import type {
  GuardedAnswer,
  GuardedRequest,
  GuardedRequests,
} from "#providers/guarded-fetch/guarded-requests.ts";
import type { Authorization } from "./authorization.ts";
import { currentCall } from "./call-context.ts";

/** A server of the Model Context Protocol, and how it lets us in. */
export type McpServer = {
  readonly url: string;
  /** `auto`: streamable HTTP, or its older form where the server knows no other. */
  readonly transport: "auto" | "http" | "sse";
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly authorization: Authorization;
};

/** What a transport sends requests with. */
export type McpHttp = {
  readonly url: string;
  /** @throws AppError TOOL_CREDENTIALS_REFUSED besides those of `GuardedRequests`. */
  readonly send: (
    request: Omit<GuardedRequest, "url"> & { url?: string },
  ) => Promise<GuardedAnswer>;
};

/** Adds to each request what lets it in, and once more with new credentials when they have expired. */
export function createMcpHttp(requests: GuardedRequests, server: McpServer): McpHttp {
  const send = (request: Parameters<McpHttp["send"]>[0], authorization: string | null) =>
    requests.send({
      url: server.url,
      ...request,
      headers: {
        ...server.headers,
        ...currentCall()?.headers,
        ...request.headers,
        ...(authorization === null ? {} : { authorization }),
      },
    });
  return {
    url: server.url,
    send: async (request) => {
      const authorization = await server.authorization.get(request.signal);
      const answer = await send(request, authorization);
      if (answer.status !== 401) return assertLetIn(answer);
      answer.discard();
      const renewed = await server.authorization.renew(authorization, request.signal);
      if (renewed === null) throw refused(401);
      return assertLetIn(await send(request, renewed));
    },
  };
}

function assertLetIn(answer: GuardedAnswer): GuardedAnswer {
  if (answer.status !== 401 && answer.status !== 403) return answer;
  answer.discard();
  throw refused(answer.status);
}

function refused(status: number): AppError {
  return new AppError(
    "TOOL_CREDENTIALS_REFUSED",
    `The tool's server does not accept the credentials: it answers ${status}.`,
    { details: { status } },
  );
}
