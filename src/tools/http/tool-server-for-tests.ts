import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that the server got, its body as text. */
export type ToolRequest = {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** What the server answers; `hang` never answers, `drop` ends the connection without an answer. */
export type ToolAnswer =
  | { readonly status?: number; readonly body: unknown; readonly headers?: Record<string, string> }
  | "hang"
  | "drop";

/** A server behind http tools, in this process. */
export type ToolServer = {
  readonly url: string;
  readonly requests: readonly ToolRequest[];
  readonly answerWith: (answer: (request: ToolRequest) => ToolAnswer) => void;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** Starts one that answers everything with `{"ok": true}` until it is told otherwise. */
export async function startToolServer(): Promise<ToolServer> {
  const requests: ToolRequest[] = [];
  let respond: (request: ToolRequest) => ToolAnswer = () => ({ body: { ok: true } });
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url = "", headers } = incoming;
      const request = { method, url, headers, body: Buffer.concat(chunks).toString("utf8") };
      requests.push(request);
      const answer = respond(request);
      if (answer === "hang") return;
      if (answer === "drop") {
        incoming.socket.destroy();
        return;
      }
      response.writeHead(answer.status ?? 200, {
        "content-type": "application/json",
        ...answer.headers,
      });
      response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answerWith: (answer) => {
      respond = answer;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
