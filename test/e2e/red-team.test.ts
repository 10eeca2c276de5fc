import { beforeAll, expect, test } from "vitest";
import { startToolServer } from "#tools/http/tool-server-for-tests.ts";
import { readCases } from "../red-team/read-cases.ts";
import { type RedTeamRun, runCases } from "../red-team/run-cases.ts";
import { giveTool } from "../support/give-tool.ts";
import { startWorld } from "../support/start-world.ts";
import { ask, callOf } from "../support/tool-world.ts";

const CASES = readCases();
const LANGUAGES = 6;

let run: RedTeamRun;

beforeAll(async () => {
  run = await runCases(CASES);
}, 300_000);

test("there are many attacks, as many in each language", () => {
  const perLanguage = Map.groupBy(CASES, ({ language }) => language);
  expect(perLanguage.size).toBe(LANGUAGES);
  expect(new Set([...perLanguage.values()].map(({ length }) => length)).size).toBe(1);
  expect(CASES.length).toBeGreaterThanOrEqual(72);
  expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
});

test.each(CASES)("$id does no harm, although the model obeys", ({ id }) => {
  const result = run.results.find(({ given }) => given.id === id);
  expect(result?.failures).toEqual([]);
});

test("no secret stands in the log or, unsealed, in the database", () => {
  expect(run.leaks).toEqual([]);
});

test("the victim's own question is still open after all attacks, and her yes makes the only refund", () => {
  expect(run.victim).toEqual({ reply: "Refunded.", refunds: 1 });
});

test("tools that their owner points at private addresses contact nobody, in a program with its usual settings", async () => {
  await using forbidden = await startToolServer();
  await using world = await startWorld();
  const chatbot = await world.createChatbot();
  const urls = [
    forbidden.url,
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://localhost./",
    "http://metadata.google.internal/",
  ];
  for (const [index, url] of urls.entries())
    await giveTool(world.database, chatbot, {
      provider: "http",
      name: `tool_${index}`,
      settings: { url },
    });
  await giveTool(world.database, chatbot, {
    provider: "mcp",
    name: "crm",
    settings: { mcp_server_url: forbidden.url },
  });
  world.simulator.models.queue(
    { toolCalls: urls.flatMap((_, index) => callOf(`tool_${index}`, {}).toolCalls) },
    "None of them can be reached.",
  );

  expect((await ask(world, chatbot)).text).toBe("None of them can be reached.");
  expect(forbidden.requests).toEqual([]);
  const [first, second] = world.simulator.models.requests();
  expect(first?.tools).not.toContainEqual(expect.stringMatching(/^crm/));
  const results = second?.turns.flatMap(({ role, texts }) => (role === "tool" ? texts : []));
  expect(results).toHaveLength(urls.length);
  for (const result of results ?? [])
    expect(result).toMatch(/not on the public internet|Only the usual ports/);
});
