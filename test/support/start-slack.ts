import { once } from "node:events";
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
  const posts: unknown[] = [];
  const waiting: ((post: unknown) => void)[] = [];
  const server = createServer((request, response) => {
    void json(request).then((post) => {
      const next = waiting.shift();
      if (next === undefined) posts.push(post);
      else next(post);
      response.end("ok");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/services/test`,
    nextPost: () => {
      if (posts.length > 0) return Promise.resolve(posts.shift());
      const { promise, resolve } = Promise.withResolvers<unknown>();
      waiting.push(resolve);
      return promise;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
