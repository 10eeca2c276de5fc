import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { z } from "zod";
import { hashEmbedding } from "#providers/embeddings/hash-embedding.ts";

/** A request for embeddings, as it came in. */
export type EmbeddingCall = { readonly texts: readonly string[]; readonly process: string };

/** A server of embeddings in OpenAI's dialect that remembers what it was asked for. */
export type EmbeddingServer = {
  readonly url: string;
  readonly calls: readonly EmbeddingCall[];
  readonly hook: {
    /** Called for each request; the answer waits for it. Calls count from 1. */
    onCall: (call: number) => Promise<void> | void;
    /** Called when an answer has left. */
    onAnswered: (call: number) => void;
  };
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

const Body = z.looseObject({ input: z.array(z.string()) });

/** Starts it on a free port. Who asks tells its name as the key. */
export async function startEmbeddingServer(): Promise<EmbeddingServer> {
  const calls: EmbeddingCall[] = [];
  const hook: EmbeddingServer["hook"] = { onCall: () => {}, onAnswered: () => {} };
  const answer = async (text: string, process: string, response: ServerResponse) => {
    const { input } = Body.parse(JSON.parse(text));
    calls.push({ texts: input, process });
    const call = calls.length;
    await hook.onCall(call);
    const data = input.map((value, index) => ({
      object: "embedding",
      index,
      embedding: hashEmbedding(value),
    }));
    const usage = { prompt_tokens: input.length, total_tokens: input.length };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ object: "list", model: "test", data, usage }), () =>
      hook.onAnswered(call),
    );
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const process = request.headers.authorization?.replace("Bearer ", "") ?? "";
      answer(Buffer.concat(chunks).toString(), process, response).catch(() => response.destroy());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    calls,
    hook,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
