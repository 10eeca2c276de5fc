import { EventEmitter, on, once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

/** A stand-in for Slack's incoming webhook. */
export type TestSlack = {
  readonly url: string;
  /** The next post that this function has not returned yet. */
  readonly nextPost: () => Promise<unknown>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** Starts it on a free port. */
export async function startSlack(): Promise<TestSlack> {
  const posts = new EventEmitter();
  const arrived = on(posts, "post");
  const server = createServer((request, response) => {
    request.on("end", () => response.end("ok"));
    void json(request).then((post) => posts.emit("post", post));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/services/test`,
    nextPost: async () => {
      const { value } = await arrived.next();
      return Array.isArray(value) ? value[0] : undefined;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
