import { expect, test } from "vitest";
import { giveTool } from "../support/give-tool.ts";
import { startWorld } from "../support/start-world.ts";
import { ask, callOf, rowsOf } from "../support/tool-world.ts";
import { type FakeWindmill, startFakeWindmill } from "../support/windmill/start-fake-windmill.ts";

/** Settings of a platform whose Windmill is the fake. */
const settingsOf = ({ url, token, workspace }: FakeWindmill) => ({
  WINDMILL_URL: url,
  WINDMILL_TOKEN: token,
  WINDMILL_WORKSPACE: workspace,
});

/** A script that waits so long before it answers. */
function deployOrder(windmill: FakeWindmill, waitMs = 0): void {
  windmill.deploy("f/tools/order", {
    summary: "Orders",
    description: "Orders a dish for the customer.",
    content: `async function main(dish, phone) {
      await new Promise((resolve) => setTimeout(resolve, ${waitMs}));
      return { ordered: dish, phone };
    }`,
    schema: {
      type: "object",
      properties: { dish: { type: "string" }, phone: { type: "string" } },
      required: ["dish", "phone"],
    },
  });
}

const ORDER = {
  provider: "windmill",
  name: "order",
  description: "",
  settings: { script_path: "f/tools/order" },
  toolConfig: { bound: { phone: "{{contact.phone}}" } },
} as const;

test("two rows make a script of the platform's Windmill a tool; whom it is for is the server's word", async () => {
  await using windmill = await startFakeWindmill();
  deployOrder(windmill);
  await using world = await startWorld(settingsOf(windmill));
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, ORDER);
  world.simulator.models.queue(
    callOf("order", { dish: "pizza", phone: "999" }), // refused
    callOf("order", { dish: "pizza" }),
  );

  expect((await ask(world, chatbot)).text).toContain('"ordered":"pizza"');

  const [first] = world.simulator.models.requests();
  expect(JSON.stringify(first?.body)).toContain("Orders a dish for the customer.");
  expect(windmill.jobs()).toMatchObject([
    { args: { dish: "pizza", phone: expect.stringMatching(/^(?!999)\d+$/) } },
  ]);
  await expect
    .poll(() => rowsOf(world, "tool_executions"))
    .toMatchObject([
      { tool_name: "order", tool_type: "windmill", error_code: "TOOL_ARGUMENTS_INVALID" },
      { tool_name: "order", tool_type: "windmill", status: "success" },
    ]);
  expect(windmill.violations).toEqual([]);
});

test("a process that stops in the middle of a script answers with its result, and it runs once", async () => {
  await using windmill = await startFakeWindmill();
  deployOrder(windmill, 1_500);
  await using world = await startWorld({ ...settingsOf(windmill), DRAIN_MS: "100" });
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, ORDER);
  world.simulator.models.queue(callOf("order", { dish: "soup" }));
  const reply = ask(world, chatbot);
  await expect.poll(() => windmill.jobs().length, { timeout: 10_000 }).toBe(1);

  await world.restart();

  expect((await reply).text).toContain('"ordered":"soup"');
  expect(windmill.jobs()).toHaveLength(1);
  expect(windmill.violations).toEqual([]);
});

test("a Windmill that is down costs no answer", async () => {
  const windmill = await startFakeWindmill();
  deployOrder(windmill);
  await using world = await startWorld(settingsOf(windmill));
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, ORDER);
  world.simulator.models.queue(callOf("order", { dish: "pizza" }));
  await ask(world, chatbot);
  await windmill[Symbol.asyncDispose]();

  world.simulator.models.queue(callOf("order", { dish: "pizza" }));

  expect((await ask(world, chatbot)).text).toContain("cannot be reached");
});
