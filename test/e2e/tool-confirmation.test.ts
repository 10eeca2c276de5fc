import { sql } from "kysely";
import { expect, test } from "vitest";
import { z } from "zod";
import { startToolServer } from "#tools/http/tool-server-for-tests.ts";
import type { TestChatbot } from "../support/create-test-chatbot.ts";
import { giveTool } from "../support/give-tool.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";
import { ask, BOOKING, callOf, rowsOf, TOOL_SETTINGS } from "../support/tool-world.ts";

const Reply = z.object({
  interactive: z.object({
    body: z.object({ text: z.string() }),
    action: z.object({
      buttons: z.array(z.object({ reply: z.object({ id: z.string(), title: z.string() }) })),
    }),
  }),
});

/** A chatbot that books tables at a server, once the customer has said yes. */
async function openShop(settings: Readonly<Record<string, string>> = {}) {
  const stack = new AsyncDisposableStack();
  const world = stack.use(await startWorld({ ...TOOL_SETTINGS, ...settings }));
  const server = stack.use(await startToolServer());
  const chatbot = await world.createChatbot();
  await giveTool(world.database, chatbot, {
    provider: "http",
    name: "book_table",
    settings: { method: "POST", url: `${server.url}/bookings` },
    toolConfig: { parameters: BOOKING, requires_confirmation: true },
  });
  return { world, server, chatbot, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** The customer has said yes, and the server has the call, which it never answers. */
async function sayYesWithoutAnswer({
  world,
  server,
  chatbot,
}: Awaited<ReturnType<typeof openShop>>) {
  const question = await askForMonday(world, chatbot);
  server.answerWith(() => "hang");
  const reply = tap(world, chatbot, question.yes);
  await expect.poll(() => server.requests.length, { timeout: 10_000 }).toBe(1);
  return { reply };
}

/** The model wants to book, and the customer is asked. */
async function askForMonday(world: TestWorld, chatbot: TestChatbot) {
  world.simulator.models.queue(
    callOf("book_table", { day: "Monday" }),
    "I would book a table on Monday. Is that right?",
  );
  const { body } = await ask(world, chatbot, "Book a table on Monday");
  const { interactive } = Reply.parse(body);
  const [yes, no] = interactive.action.buttons.map(({ reply }) => reply);
  return { text: interactive.body.text, yes, no };
}

type Button = { readonly id: string; readonly title: string; readonly by?: string } | undefined;

async function tap(world: TestWorld, chatbot: TestChatbot, button: Button) {
  const customer = button?.by ?? "ana";
  world.simulator.customerSends({
    phoneNumberId: chatbot.phoneNumberId,
    customer,
    content: { type: "button-reply", id: button?.id ?? "", title: button?.title ?? "" },
  });
  return world.simulator.nextReply(customer);
}

const lastPrompt = (world: TestWorld) =>
  JSON.stringify(world.simulator.models.requests().at(-1)?.body);

test("a tool that needs the customer's yes runs when they tap it, once, and the model hears the result", async () => {
  await using shop = await openShop();
  const { world, server, chatbot } = shop;
  server.answerWith(() => ({ body: { booking: 42 } }));

  const question = await askForMonday(world, chatbot);
  expect(question.text).toBe(
    "I would book a table on Monday. Is that right?\n\nbook_table: day Monday",
  );
  expect([question.yes?.title, question.no?.title]).toEqual(["Yes", "No"]);
  expect(server.requests).toEqual([]);
  expect(lastPrompt(world)).toContain("Nothing has been done yet");

  world.simulator.models.queue("Booked!");
  expect((await tap(world, chatbot, question.yes)).text).toBe("Booked!");
  expect(server.requests).toMatchObject([{ body: '{"day":"Monday"}' }]);
  expect(lastPrompt(world)).toContain("The customer said yes");
  expect(lastPrompt(world)).toContain("booking");

  await tap(world, chatbot, question.yes);
  expect(lastPrompt(world)).toContain("a question that is not open any more");
  expect(server.requests).toHaveLength(1);
  await world.restart();
  expect(await rowsOf(world, "tool_confirmations")).toMatchObject([
    { state: "confirmed", tool_name: "book_table", arguments: expect.stringMatching(/^v1\./) },
  ]);
  expect(await rowsOf(world, "tool_executions")).toMatchObject([
    { status: "success", step_id: "tool-confirmed", effects: "outside" },
  ]);
});

test("a plain yes is as good as a tap, and a no ends it", async () => {
  await using shop = await openShop();
  const { world, server, chatbot } = shop;

  const first = await askForMonday(world, chatbot);
  await ask(world, chatbot, "No, thank you");
  expect(lastPrompt(world)).toContain("The customer said no: book_table was not called.");
  await tap(world, chatbot, first.yes);
  expect(server.requests).toEqual([]);

  await askForMonday(world, chatbot);
  await ask(world, chatbot, "Yes!");
  expect(server.requests).toHaveLength(1);
});

test("somebody else's tap, a tap on an old question and one after a day do nothing", async () => {
  await using shop = await openShop();
  const { world, server, chatbot } = shop;

  const old = await askForMonday(world, chatbot);
  await tap(world, chatbot, { id: "", title: "", ...old.yes, by: "kenji" });
  expect(lastPrompt(world)).toContain("not open any more");
  const question = await askForMonday(world, chatbot);
  await tap(world, chatbot, old.yes);
  await world.restart();
  await world.database.asOwner((db) =>
    sql`update tool_confirmations set expires_at = now() - interval '1 second'`.execute(db),
  );
  await tap(world, chatbot, question.yes);

  expect(server.requests).toEqual([]);
  expect(lastPrompt(world)).toContain("not open any more");
});

test("a process that stops after the yes, in the middle of the call, does not make it again", async () => {
  await using shop = await openShop({ DRAIN_MS: "100" });
  const { world, server } = shop;
  const { reply } = await sayYesWithoutAnswer(shop);

  await world.restart();

  await reply;
  expect(server.requests).toHaveLength(1);
  expect(lastPrompt(world)).toContain("Nobody knows whether it was done");
});

test("a tool that is gone when the customer says yes is not called, and the model is told", async () => {
  await using shop = await openShop();
  const { world, server, chatbot } = shop;
  const question = await askForMonday(world, chatbot);
  await world.restart();
  await world.database.asOwner((db) =>
    sql`update chatbot_integrations set enabled = false`.execute(db),
  );

  await tap(world, chatbot, question.yes);

  expect(server.requests).toEqual([]);
  expect(lastPrompt(world)).toContain("is not available any more");
});

test("a call that was begun when its tool was taken away may have been done", async () => {
  await using shop = await openShop({ DRAIN_MS: "100" });
  const { world } = shop;
  const { reply } = await sayYesWithoutAnswer(shop);
  await world.database.asOwner((db) =>
    sql`update chatbot_integrations set enabled = false`.execute(db),
  );

  await world.restart();

  await reply;
  expect(lastPrompt(world)).toContain("Nobody knows whether it was done");
});

test("of a failure that a server tells, nobody says that nothing was done", async () => {
  await using shop = await openShop();
  const { world, server, chatbot } = shop;
  const question = await askForMonday(world, chatbot);
  server.answerWith(() => ({ status: 409, body: "taken" }));

  await tap(world, chatbot, question.yes);

  expect(lastPrompt(world)).toContain("It says that it failed; the reason follows.");
});

test("a yes is no yes to a tool that was set up anew since", async () => {
  await using shop = await openShop();
  const { world, server, chatbot } = shop;
  const question = await askForMonday(world, chatbot);
  await world.restart();
  await world.database.asOwner((db) =>
    sql`update org_integrations set settings = settings || '{"method": "DELETE"}'`.execute(db),
  );

  await tap(world, chatbot, question.yes);

  expect(server.requests).toEqual([]);
  expect(lastPrompt(world)).toContain("was set up anew since they were asked");
});
