import { randomUUID } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { TurnId } from "#domain/ids.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import { systemClock } from "#platform/clock.ts";
import { createGuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { ANA } from "#tools/integration-for-tests.ts";
import { createWindmillTools } from "#tools/windmill/open-windmill-tools.ts";
import { newIntegration, toolOf } from "../support/tool-fixtures.ts";
import { type FakeWindmill, startFakeWindmill } from "../support/windmill/start-fake-windmill.ts";

const stack: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of stack.splice(0).toReversed()) await close();
});

/** A script on the fake, and how a turn opens and calls it. */
async function start(given: { workers?: number; content?: string; customer?: string } = {}) {
  const fake = await startFakeWindmill({ workers: given.workers ?? 4 });
  const requests = createGuardedRequests({ allowPrivateAddresses: true });
  const guarded = createGuardedRequests({ allowPrivateAddresses: false });
  stack.push(
    () => fake[Symbol.asyncDispose](),
    requests.close,
    guarded.close,
    () => expect(fake.violations).toEqual([]),
  );
  fake.deploy("f/tools/order", {
    summary: "",
    description: "Orders",
    content:
      given.content ?? "async function main(dish) { return { dish, number: Math.random() }; }",
    schema: { type: "object", properties: { dish: { type: "string" } } },
  });
  const openTools = createWindmillTools({
    platform: { baseUrl: fake.url, workspace: fake.workspace, token: fake.token },
    requests: { platform: requests, tenant: guarded },
    clock: systemClock,
  });
  const caller = {
    ...ANA,
    turnId: TurnId.parse(randomUUID()),
    contact: { ...ANA.contact, name: given.customer ?? ANA.contact.name },
  };
  const open = (
    settings: JsonObject = {},
    more: { toolConfig?: JsonObject; credentials?: Record<string, string> } = {},
  ) =>
    openTools(
      newIntegration("windmill", {
        name: "order",
        settings: { script_path: "f/tools/order", ...settings },
        ...more,
      }),
      caller,
      AbortSignal.timeout(10_000),
    );
  const call = async (settings: JsonObject = {}, input: JsonObject = { dish: "pizza" }) =>
    toolOf(await open(settings), "order").execute(input, AbortSignal.timeout(20_000), "1.0");
  return { fake, open, call };
}

/** Ends the trouble when the operation has been asked so often. */
async function whenAsked(fake: FakeWindmill, operation: string, times: number): Promise<void> {
  while (fake.asked.filter((name) => name === operation).length < times) await systemClock.sleep(5);
}

test.for([
  ["loses answers", "runScriptByPath"],
  ["drops requests", "runScriptByPath"],
  ["answers 503", "runScriptByPath"],
  ["loses answers", "getCompletedJobResultMaybe"],
  ["answers 503", "getCompletedJobResultMaybe"],
] as const)(
  "a server that %s to %s for a while runs the script once",
  async ([kind, operation]) => {
    const { fake, call } = await start();
    fake.makeTrouble(kind, operation);

    const called = call();
    await whenAsked(fake, operation, 2);
    fake.makeTrouble("none");

    expect(await called).toMatchObject({ dish: "pizza" });
    expect(fake.jobs()).toHaveLength(1);
  },
);

test("a call that is made again after a crash finds the run of the first", async () => {
  const { fake, call } = await start();

  const first = await call();

  expect(await call()).toEqual(first);
  expect(fake.jobs()).toHaveLength(1);
});

test("a server that stays down is given up soon, and what may have begun is said to be unknown", async () => {
  const { fake, call, open } = await start();
  await open();
  fake.makeTrouble("answers 503", "runScriptByPath");
  await expect(call()).rejects.toMatchObject({ code: "TOOL_UNAVAILABLE" });

  fake.makeTrouble("drops requests");
  await expect(call()).rejects.toMatchObject({ code: "TOOL_OUTCOME_UNKNOWN" });
});

test("a script for which no worker is free in time was certainly not run", async () => {
  const { fake, call } = await start({ workers: 0 });

  await expect(call({ timeout_ms: 1_000 })).rejects.toMatchObject({
    code: "TOOL_UNAVAILABLE",
    message: expect.stringContaining("It was not run."),
  });
  await whenAsked(fake, "cancelQueuedJob", 1);
});

test.for([
  ["is not cancelled", "cancelQueuedJob", "answers 503"],
  ["is not seen again", "getJob", "answers 503"],
] as const)("a script that %s when its time is over may have run", async ([, operation, kind]) => {
  const { fake, call } = await start({ workers: 0 });
  const called = call({ timeout_ms: 1_000 }).catch((error: unknown) => error);
  await whenAsked(fake, "getJob", 1);

  fake.makeTrouble(kind, operation);

  expect(await called).toMatchObject({ code: "TOOL_OUTCOME_UNKNOWN" });
});

test("a server that refuses to say how a started script stands leaves its outcome unknown", async () => {
  const { fake, call } = await start();
  fake.makeTrouble("answers 401", "getCompletedJobResultMaybe");

  await expect(call()).rejects.toMatchObject({ code: "TOOL_OUTCOME_UNKNOWN" });
  expect(fake.jobs()).toHaveLength(1);
});

test("a script whose result is too large has done its work, and is not cancelled", async () => {
  const { fake, call } = await start({
    content: "async function main() { return 'x'.repeat(2_200_000); }",
  });

  expect(await call()).toContain("too large");
  expect(fake.asked).not.toContain("cancelQueuedJob");
});

test("a script's schema is asked for once, its tag goes along, and nothing else unasked", async () => {
  const { fake, call } = await start();

  await call({ tag: "tools" });
  await call({ tag: "tools" });

  expect(fake.asked.filter((name) => name === "getScriptByPath")).toHaveLength(1);
  expect(fake.jobs()).toMatchObject([{ tag: "tools", args: { dish: "pizza" } }]);
});

test.for(["$var:f/secrets/key", " $res:f/tools/database", "$encrypted:x"])(
  "an argument %s, which Windmill would replace by a secret, is refused",
  async (dish) => {
    const { fake, call } = await start();

    await expect(call({}, { dish: { nested: [dish] } })).rejects.toMatchObject({
      code: "TOOL_REQUEST_REJECTED",
    });
    expect(fake.jobs()).toEqual([]);
  },
);

test.for([
  ["$var:f/tools/key", "{{contact.name}}"],
  ["var:f/tools/key", ["$", "{{contact.name}}"].join("")],
] as const)(
  "a customer named %s bound as %s is no reference to a secret",
  async ([customer, template]) => {
    const { fake, open } = await start({ customer });
    const callWith = async (bound: JsonObject) =>
      toolOf(await open({}, { toolConfig: { bound } }), "order").execute(
        {},
        AbortSignal.timeout(20_000),
        "1.0",
      );

    await expect(callWith({ of: [{ customer: template }] })).rejects.toMatchObject({
      code: "TOOL_REQUEST_REJECTED",
    });
    expect(fake.jobs()).toEqual([]);
    await callWith({ database: "$res:f/tools/orders", note: "for {{contact.name}}" });
    expect(fake.jobs()).toMatchObject([{ args: { database: "$res:f/tools/orders" } }]);
  },
);

test.for([
  "$var:f/billing/key",
  "$res:u/admin/database",
  "$var:f/tools/../billing/key",
  "$encrypted:x",
])("the platform's token does not resolve %s for a tenant", async (reference) => {
  const { open } = await start();

  await expect(open({}, { toolConfig: { bound: { of: [reference] } } })).rejects.toMatchObject({
    code: "TOOL_MISCONFIGURED",
  });
});

test.for([
  ["a script outside of f/tools", { script_path: "f/billing/refund" }],
  ["another workspace", { workspace: "admins" }],
  ["another server", { base_url: "https://windmill.example.com", workspace: "x" }],
  ["a path that leaves its folder", { script_path: "f/tools/../billing" }],
] as const)("the platform's token is not used for %s", async ([, settings]) => {
  const { fake, open } = await start();

  await expect(open(settings)).rejects.toMatchObject({ code: "TOOL_MISCONFIGURED" });
  expect(fake.asked).toEqual([]);
});

test("a tenant's Windmill is on the public internet", async () => {
  const { fake, open } = await start();

  await expect(
    open({ base_url: fake.url, workspace: "x" }, { credentials: { token: "y" } }),
  ).rejects.toMatchObject({ code: "TOOL_MISCONFIGURED" });
  expect(fake.asked).toEqual([]);
});
