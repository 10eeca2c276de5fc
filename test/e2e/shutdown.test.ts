import { once } from "node:events";
import { createServer } from "node:net";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { startWorld } from "../support/start-world.ts";

/** A port that nobody listens on a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

const hello = { type: "text", text: "Hello" } as const;

test("a stop lets a running turn finish", async () => {
  await using world = await startWorld({ DRAIN_MS: "10000" });
  const { phoneNumberId } = await world.createChatbot();
  world.simulator.setFaults({ models: { delayMs: 300 } });

  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: hello });
  await world.simulator.waitFor(() => world.simulator.models.requests().length === 1);
  await world.app.close();

  expect(world.simulator.sent).toHaveLength(1);
  const { rows } = await world.database.asOwner((db) =>
    sql`select status, attempt from turns`.execute(db),
  );
  expect(rows).toEqual([{ status: "done", attempt: 1 }]);
});

test("a stop hands over a turn that takes too long, and the next start answers it", async () => {
  await using world = await startWorld({ DRAIN_MS: "100" });
  const { phoneNumberId } = await world.createChatbot();
  world.simulator.setFaults({ models: { next: ["hang"] } });

  world.simulator.customerSends({ phoneNumberId, customer: "ana", content: hello });
  await world.simulator.waitFor(() => world.simulator.models.requests().length === 1);
  await world.app.close();
  const { rows } = await world.database.asOwner((db) =>
    sql`select owner, attempt, last_seq > done_seq as waits from mailboxes where handler = 'conversation'`.execute(
      db,
    ),
  );
  expect(rows).toEqual([{ owner: null, attempt: 0, waits: true }]);

  await world.restart();
  await world.simulator.nextReply("ana");
  expect(world.simulator.sent).toHaveLength(1);
});

test("a worker tells of itself on the port for those who watch", async () => {
  const port = await freePort();
  await using world = await startWorld({ METRICS_PORT: String(port) }, { parts: ["work"] });

  const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
  await expect.poll(ready).toBe(200);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

  expect(world.app.url).toBeNull();
  expect(metrics).toContain("parley_queue_depth");
});
