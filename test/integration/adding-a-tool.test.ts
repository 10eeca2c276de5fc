import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asSystem } from "#store/as-tenant.ts";
import { listChatbots } from "#store/chatbots.ts";
import { startToolServer, type ToolServer } from "#tools/http/tool-server-for-tests.ts";
import { PROJECT_FOLDER } from "../../src/config.ts";
import type { Platform } from "../../src/open-platform.ts";
import { createTestPlatform, runParley } from "../support/run-parley.ts";
import { type McpReferenceServer, startMcpServer } from "../support/start-mcp-server.ts";
import { emptyDatabase } from "../support/test-database.ts";
import { type FakeWindmill, startFakeWindmill } from "../support/windmill/start-fake-windmill.ts";

// Every command and query of docs/ADDING_A_TOOL.md, in its order, against servers that really answer.
const page = readFileSync(join(PROJECT_FOLDER, "docs/ADDING_A_TOOL.md"), "utf8");
const blocks = [...page.matchAll(/^```(sh|sql)\n([^]*?)^```/gm)].map(([, kind, text = ""]) => ({
  kind,
  text,
}));
const commands = blocks
  .filter(({ kind }) => kind === "sh")
  .flatMap(({ text }) => text.split("\n").filter((line) => line.startsWith("./parley ")));

const stack = new AsyncDisposableStack();
let folder: string, platform: Platform;
let http: ToolServer, mcp: McpReferenceServer, windmill: FakeWindmill;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-adding-a-tool-"));
  stack.defer(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "token.txt"), "a token\n");
  http = stack.use(await startToolServer());
  mcp = stack.use(await startMcpServer());
  windmill = stack.use(await startFakeWindmill());
  windmill.deploy("f/tools/find_order", {
    summary: "Finds an order",
    description: "",
    content: "export async function main(number, phone) { return { number, phone }; }",
    schema: {
      type: "object",
      properties: { number: { type: "string" }, phone: { type: "string" } },
      required: ["number", "phone"],
    },
  });
  platform = createTestPlatform(await emptyDatabase(), {
    DATA_DIR: join(folder, "data"),
    FETCH_ALLOW_PRIVATE_ADDRESSES: "true",
    WINDMILL_URL: windmill.url,
    WINDMILL_TOKEN: windmill.token,
  });
  stack.defer(() => platform.tools.close());
  const made = await parley(
    "chatbot create --name Support --phone-number-id 1 --access-token x".split(" "),
  );
  if (made.code !== 0) throw new Error(`no chatbot to give tools to: ${made.stderr}`);
});
afterAll(() => stack.disposeAsync());

const parley = (argv: readonly string[]) => runParley(platform, argv);

test("the page has commands and queries", () => {
  expect(commands.length).toBeGreaterThan(10);
  expect(blocks.filter(({ kind }) => kind === "sql")).toHaveLength(1);
});

test("the two rows of the page are a tool that can be called", async () => {
  const [chatbot] = await asSystem(platform.database.db, (system) => listChatbots(system));
  for (const { kind, text } of blocks) {
    if (kind !== "sql") continue;
    const written = here(text)
      .replaceAll('"email"', '"message"') // what the reference server's tool takes
      .replaceAll("org-uuid", chatbot?.organizationId ?? "")
      .replaceAll("chatbot-uuid", chatbot?.id ?? "");
    for (const statement of written.split(/;\n/).filter((part) => part.trim() !== ""))
      await asSystem(platform.database.db, (system) => sql.raw(statement).execute(system));
  }
  const run = await parley([
    ...words("tool test hubspot_lookup --json --arguments"),
    '{"message":"hi"}',
  ]);
  expect(run.rows).toMatchObject([{ tool: "hubspot_lookup", status: "success" }]);
});

test.each(commands)("%s", async (line) => {
  const run = await parley([...words(here(line.slice("./parley ".length))), "--json"]);
  expect(run.stderr).toBe("");
  expect(run.code).toBe(0);
  expect(run.rows.length).toBeGreaterThan(0);
});

test("what the page says was sent is what the servers got", () => {
  const [booking, order] = http.requests;
  expect(booking).toMatchObject({
    method: "POST",
    url: "/shops/7/bookings",
    headers: { authorization: "Bearer a token" },
  });
  expect(JSON.parse(booking?.body ?? "")).toEqual({
    day: "2026-12-24",
    people: 4,
    phone: "15551234567",
  });
  expect(order).toMatchObject({
    method: "GET",
    url: "/orders/A-17?lang=en",
    headers: { "x-api-key": "a token", "x-shop": "7" },
  });
  expect(windmill.jobs()[0]).toMatchObject({ args: { number: "A-17", phone: "15551234567" } });
  expect(windmill.violations).toEqual([]);
});

/** The page's servers and files, where they are in this test. */
function here(text: string): string {
  return text
    .replaceAll("https://api.example.com", http.url)
    .replaceAll("https://mcp.example.com/mcp", mcp.url)
    .replaceAll("token.txt", join(folder, "token.txt"));
}

/** Words as a shell parts them, with single and double quotes. */
function words(line: string): readonly string[] {
  return (line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map((word) =>
    word.replaceAll(/^"|"$|^'|'$/g, ""),
  );
}
