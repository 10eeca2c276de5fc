import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import type { Random } from "./create-random.ts";

/** A side effect: what a tool was called to do, done. */
export type Effect = { readonly label: string; readonly atMs: number };

/** The business's own server, which counts what it was called to do. */
export type Orders = {
  readonly url: string;
  readonly effects: () => readonly Effect[];
  /** Resolves when something has just been done, and its answer is still to come; null: nothing was. */
  readonly nextEffect: (timeoutMs: number) => Promise<Effect | null>;
  readonly close: () => void;
};

/** Called before the effect, and after it: so long a worker can be killed inside a call. */
const BEFORE_MS = [20, 120] as const;
const AFTER_MS = [40, 200] as const;

/** Starts it. Each `POST /orders` with a label is done once more, however often it comes. */
export async function startOrders(random: Random): Promise<Orders> {
  const effects: Effect[] = [];
  let waiting: ((effect: Effect) => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      void (async () => {
        const { label } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { label: string };
        await wait(random.between(...BEFORE_MS));
        const effect = { label, atMs: Date.now() };
        effects.push(effect);
        for (const resolve of waiting) resolve(effect);
        waiting = [];
        await wait(random.between(...AFTER_MS));
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ ordered: label }));
      })();
    });
    request.on("error", () => {}); // the caller was killed
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/orders`,
    effects: () => effects,
    nextEffect: async (timeoutMs) => {
      const next = new Promise<Effect>((resolve) => {
        waiting.push(resolve);
      });
      return Promise.race([next, wait(timeoutMs, null, { ref: false })]);
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The two rows of a tool that changes something. */
export async function giveOrders(
  observer: pg.Client,
  organizationId: string,
  { url }: Orders,
): Promise<void> {
  await observer.query(
    `insert into org_integrations (organization_id, provider, name, settings)
     values ($1, 'http', 'order', $2)`,
    [organizationId, JSON.stringify({ method: "POST", url })],
  );
  const parameters = { type: "object", properties: { label: { type: "string" } } };
  await observer.query(
    `insert into chatbot_integrations (chatbot_id, integration_id, tool_config)
     select b.id, i.id, $2 from chatbots b join org_integrations i using (organization_id)
     where organization_id = $1`,
    [organizationId, JSON.stringify({ parameters })],
  );
}
