import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { TurnId } from "#domain/ids.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import { systemClock } from "#platform/clock.ts";
import { jsonSchemaOf } from "#platform/json-schema-of.ts";
import { runScript } from "#providers/windmill/run-script.ts";
import type { WindmillJob } from "#providers/windmill/windmill-client.ts";
import { ANA } from "#tools/integration-for-tests.ts";
import type { ToolCaller } from "#tools/tool-source.ts";
import { jobIdOf } from "#tools/windmill/job-id.ts";
import { callTool, newIntegration, toolOf } from "../support/tool-fixtures.ts";
import { openWindmill } from "../support/windmill/open-windmill.ts";

// Against a real Windmill when WINDMILL_URL and WINDMILL_TOKEN are set; otherwise against a fake that
// is held to the contract of Windmill's own client.
let windmill: Awaited<ReturnType<typeof openWindmill>>;
let greet: string, fail: string, sleep: string, draw: string;

beforeAll(async () => {
  windmill = await openWindmill();
  const text = { type: "string" };
  const schemaOf = (properties: object, required: readonly string[] = Object.keys(properties)) => ({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties,
    required,
    order: Object.keys(properties),
  });
  greet = await windmill.deploy("greet", {
    content:
      "export async function main(name, tenant, phone) { return { greeting: 'Hello ' + name, tenant, phone }; }",
    schema: schemaOf({ name: { ...text, description: "Whom" }, tenant: text, phone: text }),
  });
  fail = await windmill.deploy("fail", {
    content: "export async function main(order) { throw new Error('There is no order ' + order); }",
    schema: schemaOf({ order: { type: "number" } }),
  });
  sleep = await windmill.deploy("sleep", {
    content:
      "export async function main(seconds) { await new Promise((resolve) => setTimeout(resolve, seconds * 1000)); return 'awake'; }",
    schema: schemaOf({ seconds: { type: "number" } }),
  });
  draw = await windmill.deploy("draw", {
    content: "export async function main() { return Math.random(); }",
    schema: schemaOf({}),
  });
});
afterAll(async () => {
  await windmill.close();
});
afterEach(() => windmill.assertNoViolations());

function open(
  path: string,
  given: {
    settings?: JsonObject;
    toolConfig?: JsonObject;
    token?: string;
    caller?: ToolCaller;
  } = {},
) {
  const integration = newIntegration("windmill", {
    name: "run",
    settings: { script_path: path, ...given.settings },
    toolConfig: given.toolConfig ?? {},
    credentials: { token: given.token ?? windmill.platform.token },
  });
  return windmill.openTools(integration, given.caller ?? ANA, AbortSignal.timeout(10_000));
}

test("a script is a tool with its own description and schema, without what the server adds", async () => {
  const tools = await open(greet, {
    toolConfig: { bound: { tenant: "{{organization.id}}", phone: "{{contact.phone}}" } },
  });

  const tool = toolOf(tools, "run");
  expect(tool.description).toBe("Does greet");
  expect(jsonSchemaOf(tool.inputSchema)).toMatchObject({
    type: "object",
    properties: { name: { type: "string", description: "Whom" } },
    required: ["name"],
    additionalProperties: false,
  });
  expect(JSON.stringify(jsonSchemaOf(tool.inputSchema))).not.toMatch(/tenant|phone|order/);
  const forged = { name: "Ana", tenant: "another", phone: "0" };
  expect(await callTool(tools, "run", { input: forged })).toEqual({
    greeting: "Hello Ana",
    tenant: ANA.organizationId,
    phone: ANA.contact.phone,
  });
});

test("a script that fails says why", async () => {
  await expect(callTool(await open(fail), "run", { input: { order: 7 } })).rejects.toMatchObject({
    code: "TOOL_REQUEST_REJECTED",
    message: "The script failed: There is no order 7",
  });
});

test("a slow script is waited for", async () => {
  expect(await callTool(await open(sleep), "run", { input: { seconds: 1 } })).toBe("awake");
});

test("a script that takes too long is cancelled, and its outcome is unknown", async () => {
  const { caller, jobOf } = createTurn();
  const tools = await open(sleep, { settings: { timeout_ms: 2_000 }, caller });

  await expect(
    toolOf(tools, "run").execute({ seconds: 120 }, AbortSignal.timeout(20_000), "1.0"),
  ).rejects.toMatchObject({ code: "TOOL_OUTCOME_UNKNOWN" });

  await untilJob(() => jobOf("1.0"), "failed");
});

test("a stopped turn leaves its script running and finds it again; a call of nobody's turn is cancelled", async () => {
  const { caller, jobOf } = createTurn();
  const tools = await open(sleep, { caller });
  const stopped = new Error("stopped");
  const run = (signal: AbortSignal) => toolOf(tools, "run").execute({ seconds: 3 }, signal, "1.0");
  const controller = new AbortController();
  const first = run(controller.signal);
  await untilJob(() => jobOf("1.0"), "running");
  controller.abort(stopped);
  await expect(first).rejects.toBe(stopped);
  expect(await run(AbortSignal.timeout(20_000))).toBe("awake");

  const jobId = randomUUID();
  const job = { path: sleep, arguments: { seconds: 120 }, jobId, tag: null };
  const look = () => windmill.client.getJob(jobId, AbortSignal.timeout(5_000));
  const operator = new AbortController();
  const tried = runScript(
    { client: windmill.client, clock: systemClock, timeoutMs: 20_000, onAbort: "cancel" },
    job,
    operator.signal,
  );
  await untilJob(look, "running");
  operator.abort(stopped);
  await expect(tried).rejects.toBe(stopped);
  await untilJob(look, "failed");
});

test("the same call of a turn made again is the same run, any other is another", async () => {
  const { caller } = createTurn();
  const tools = await open(draw, { caller });
  const run = (key: string) => toolOf(tools, "run").execute({}, AbortSignal.timeout(20_000), key);

  const first = await run("1.0");

  expect(await run("1.0")).toBe(first);
  expect(await Promise.all([run("1.0"), run("1.0")])).toEqual([first, first]);
  expect(await run("1.1")).not.toBe(first);
});

test("a wrong token and a script that is not there are told apart", async () => {
  await expect(open(greet, { token: "wrong" })).rejects.toMatchObject({
    code: "TOOL_CREDENTIALS_REFUSED",
  });
  await expect(open(`${greet}_not`)).rejects.toMatchObject({ code: "TOOL_MISCONFIGURED" });
});

async function untilJob(look: () => Promise<WindmillJob>, state: WindmillJob["state"]) {
  await vi.waitFor(async () => expect((await look()).state).toBe(state), {
    timeout: 15_000,
    interval: 50,
  });
}

/** A turn, and what has become of its jobs. */
function createTurn() {
  const turnId = TurnId.parse(randomUUID());
  return {
    caller: { ...ANA, turnId },
    jobOf: (key: string) =>
      windmill.client.getJob(jobIdOf(turnId, key), AbortSignal.timeout(5_000)),
  };
}
