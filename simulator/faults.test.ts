import { expect, test } from "vitest";
import { codeOf, idOf, NUMBER, startBusiness, statusesOf } from "./test-support/start-business.ts";

const hello = {
  phoneNumberId: NUMBER,
  customer: "ana",
  content: { type: "text", text: "Hello" },
} as const;
const hi = {
  to: "+351912345678",
  type: "text",
  text: { body: "Hi" },
  biz_opaque_callback_data: "turn 1",
};
const open = { customerServiceWindow: "off" } as const;

test("each fault of the queue hits one send call, then all is well again", async () => {
  const { simulator, send } = await startBusiness(open);
  simulator.setFaults({
    graph: {
      next: [
        "number-rate-limit",
        "pair-rate-limit",
        "server-error",
        "unavailable",
        "invalid-token",
      ],
    },
  });
  expect(await codeOf(await send(hi))).toBe(130_429);
  expect(await codeOf(await send(hi))).toBe(131_056);
  expect(await codeOf(await send(hi))).toBe(131_000);
  const unavailable = await send(hi);
  expect(unavailable.status).toBe(503);
  expect(unavailable.headers.get("content-type")).toContain("text/html");
  expect(await codeOf(await send(hi))).toBe(190);
  expect((await send(hi)).status).toBe(200);
  expect(simulator.sent).toHaveLength(1);
});

test("a connection dropped before the message was taken leaves nothing", async () => {
  const { simulator, send } = await startBusiness(open);
  simulator.setFaults({ graph: { next: ["drop-before"] } });
  await expect(send(hi)).rejects.toThrow("fetch failed");
  expect(simulator.sent).toHaveLength(0);
});

test("a connection dropped after the message was taken still leads to a status with our data", async () => {
  const business = await startBusiness(open);
  business.simulator.setFaults({ graph: { next: ["drop-after"] } });
  await expect(business.send(hi)).rejects.toThrow("fetch failed");
  const [sent] = business.simulator.sent;
  expect(sent).toMatchObject({ text: "Hi", callbackData: "turn 1" });
  await business.simulator.waitFor(() => statusesOf(business, sent?.id ?? "").length === 3);
  expect(business.received[0]?.body).toContain('"biz_opaque_callback_data":"turn 1"');
});

test("statuses can be missing, doubled, reordered and without our data", async () => {
  const business = await startBusiness(open);
  const { simulator, send } = business;
  simulator.setFaults({ statuses: { none: true } });
  const silent = await idOf(await send(hi));
  simulator.setFaults({
    statuses: { none: false, duplicate: true, reordered: true, withoutCallbackData: true },
  });
  const noisy = await idOf(await send(hi));
  await simulator.waitFor(() => statusesOf(business, noisy).length === 6);
  expect(statusesOf(business, noisy)).toEqual([
    "read",
    "read",
    "delivered",
    "delivered",
    "sent",
    "sent",
  ]);
  expect(statusesOf(business, silent)).toEqual([]);
  expect(business.received.some(({ body }) => body.includes("turn 1"))).toBe(false);
});

test("statuses can come before the answer of the send call", async () => {
  const business = await startBusiness(open);
  business.simulator.setFaults({ statuses: { beforeResponse: true } });
  const id = await idOf(await business.send(hi));
  expect(statusesOf(business, id)).toHaveLength(3);
});

test("a message can end as failed with a code of Meta", async () => {
  const business = await startBusiness(open);
  business.simulator.setFaults({ statuses: { failWith: 131_026 } });
  const id = await idOf(await business.send(hi));
  await business.simulator.waitFor(() => statusesOf(business, id).length === 1);
  expect(business.received[0]?.payload.entry[0]?.changes[0]?.value.statuses?.[0]).toMatchObject({
    status: "failed",
    errors: [{ code: 131_026, title: "Message undeliverable" }],
  });
});

test("a webhook can arrive several times, byte for byte the same", async () => {
  const business = await startBusiness();
  business.simulator.setFaults({ webhooks: { duplicates: 3 } });
  await business.simulator.customerSends(hello).acknowledged;
  expect(business.received).toHaveLength(4);
  expect(new Set(business.received.map(({ body }) => body)).size).toBe(1);
});

test("two webhooks can arrive in the wrong order", async () => {
  const business = await startBusiness();
  business.simulator.setFaults({ webhooks: { reordered: true } });
  const [first, second] = ["one", "two"].map((text) =>
    business.simulator.customerSends({ ...hello, content: { type: "text", text } }),
  );
  await Promise.all([first?.acknowledged, second?.acknowledged]);
  const arrived = business.received.map(
    ({ payload }) => payload.entry[0]?.changes[0]?.value.messages?.[0]?.id,
  );
  expect(arrived).toEqual([...(second?.messageIds ?? []), ...(first?.messageIds ?? [])]);
});

test("chance decides with the given source of chance", async () => {
  const chances = [0.9, 0.1, 0.6];
  const { simulator, send } = await startBusiness({ ...open, random: () => chances.shift() ?? 1 });
  simulator.setFaults({ graph: { chance: 0.5, chanceOf: ["number-rate-limit", "server-error"] } });
  expect((await send(hi)).status).toBe(200);
  expect(await codeOf(await send(hi))).toBe(131_000);
});

test("a switch that does not exist is refused, and what is not named stays", async () => {
  const { simulator } = await startBusiness();
  simulator.setFaults({ graph: { delayMs: 5 }, statuses: { none: true } });
  expect(() => simulator.setFaults(JSON.parse('{"graph":{"delay":1}}'))).toThrow("delay");
  simulator.setFaults({ statuses: { none: false } });
  expect(simulator.faults().graph.delayMs).toBe(5);
  expect(simulator.clearFaults().graph.delayMs).toBe(0);
});
