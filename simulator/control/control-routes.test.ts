import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { NUMBER, startBusiness } from "../test-support/start-business.ts";

const call = async (url: string, body?: unknown): Promise<{ status: number; json: unknown }> => {
  const response = await fetch(
    url,
    body === undefined
      ? {}
      : {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        },
  );
  return { status: response.status, json: await response.json() };
};

test("another process can let a customer write, wait for the log and read the records", async () => {
  const { simulator, received, send } = await startBusiness();
  simulator.setFaults({ statuses: { none: true } });
  const control = (path: string, body?: unknown) => call(`${simulator.url}/sim/${path}`, body);
  const log = control("sent?atLeast=1&timeoutMs=5000");
  const customer = { phone: "+14155550123", name: "Load 1" };
  const content = { type: "text", text: "Hello" };
  const sent = await control("send?wait=acknowledged", {
    phoneNumberId: NUMBER,
    customer,
    content,
  });
  expect(sent).toMatchObject({ status: 200, json: { delivery: { state: "acknowledged" } } });
  expect(received).toHaveLength(1);
  await send({ to: "+14155550123", type: "text", text: { body: "Hi" } });
  expect(await log).toMatchObject({
    json: { total: 1, entries: [{ text: "Hi", customerId: "14155550123" }] },
  });
  expect(await control("sent?after=1")).toMatchObject({ json: { total: 1, entries: [] } });
  expect(await control("deliveries")).toMatchObject({ json: { entries: [{ kind: "message" }] } });
});

test("faults, settings, model answers and a reset work over HTTP", async () => {
  const { simulator, send } = await startBusiness();
  const control = (path: string, body?: unknown) => call(`${simulator.url}/sim/${path}`, body);
  await control("settings", { customerServiceWindow: "off" });
  await control("settings", { appSecret: "another" });
  expect((await send({ to: "+1", type: "text", text: { body: "Hi" } })).status).toBe(200);
  expect(await control("faults", { graph: { delayMs: 1 } })).toMatchObject({
    json: { graph: { delayMs: 1 } },
  });
  expect((await control("faults", { graph: { delay: 1 } })).status).toBe(400);
  await control("models/queue", { answers: ["From the queue"] });
  const answer = await call(`${simulator.url}/openai/v1/responses`, {
    model: "gpt-5",
    input: "Hi",
  });
  expect(JSON.stringify(answer.json)).toContain("From the queue");
  expect(await control("models")).toMatchObject({
    json: { total: 1, entries: [{ texts: ["Hi"] }] },
  });
  await control("reset", {});
  expect(await control("models")).toMatchObject({ json: { total: 0 } });
  expect(await control("faults")).toMatchObject({ json: { graph: { delayMs: 0 } } });
});

test("a page of another origin cannot use the control API", async () => {
  const { simulator } = await startBusiness();
  const init = {
    method: "POST",
    headers: { "content-type": "text/plain" },
    body: '{"statuses":{"none":true}}',
  };
  expect((await fetch(`${simulator.url}/sim/faults`, init)).status).toBe(400);
  expect(simulator.faults().statuses.none).toBe(false);
});

test("it runs alone, says where, and ends on SIGTERM", async () => {
  const script = new URL("../main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = z.tuple([z.instanceof(Buffer)]).parse(await once(child.stdout, "data"));
  const { listening } = z.object({ listening: z.url() }).parse(JSON.parse(line.toString()));
  expect((await call(`${listening}/sim/health`)).json).toEqual({ ok: true });
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});
