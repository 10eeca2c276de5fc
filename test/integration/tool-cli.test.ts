import { sql } from "kysely";
import { beforeEach, expect, test } from "vitest";
import type { Platform } from "../../src/open-platform.ts";
import { createTestPlatform, runParley } from "../support/run-parley.ts";
import { emptyDatabase } from "../support/test-database.ts";

let platform: Platform;

beforeEach(async () => {
  platform = createTestPlatform(await emptyDatabase(), {});
  await parley("chatbot create --name Support --phone-number-id 1 --access-token x");
});

const parley = (line: string, stdin = "") =>
  runParley(platform, [...line.split(" "), "--json"], { stdin });

const ADD = "tool add weather --chatbot Support --provider http --url https://api.example.com/w";

async function rowsOf(table: string) {
  const { rows } = await platform.database.asOwner((db) =>
    sql<Record<string, unknown>>`select * from ${sql.table(table)} order by id`.execute(db),
  );
  return rows;
}

test("a credential is never typed: it comes from standard input or a file, is stored sealed and shown by name", async () => {
  const typed = await parley(`${ADD} --credentials secret`);
  expect(typed.code).toBe(2);
  expect(typed.stderr).toContain("can be seen by everybody");
  expect(await rowsOf("org_integrations")).toEqual([]);

  const added = await parley(`${ADD} --credentials -`, "a secret\n");
  expect(added.rows).toMatchObject([{ name: "weather", state: "on", tools: ["weather"] }]);
  const [stored] = await rowsOf("org_integrations");
  expect(stored?.["credentials"]).toEqual({ api_key: expect.stringMatching(/^v1\./) });
  const shown = await parley("tool show weather");
  expect(shown.rows).toMatchObject([{ credentials: ["api_key"] }]);
  expect(shown.stdout).not.toContain("a secret");
});

test("adding it again changes what is given and keeps the rest; another provider is a conflict", async () => {
  await parley(`${ADD} --description First --credentials -`, "one");
  const [before] = await rowsOf("org_integrations");
  await parley("tool add weather --chatbot Support --provider http --description Second");
  const [after] = await rowsOf("org_integrations");
  expect(after).toMatchObject({
    id: before?.["id"],
    description: "Second",
    settings: { url: "https://api.example.com/w" },
    credentials: before?.["credentials"],
  });
  const other = await parley("tool add weather --chatbot Support --provider builtin");
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("another provider") });
});

test("a change takes no setting and no safety with it that it does not name", async () => {
  const change = "tool add pay --chatbot Support --provider http";
  await parley(
    `${change} --url https://api.example.com/1 --method POST --settings {"headers":{"X-Shop":"7"},"auth":{"type":"none"}} --bound {"phone":"{{contact.phone}}"} --config {"record":"redacted","allowed_tools":["pay"],"effects":"outside"} --requires-confirmation`,
  );

  await parley(`${change} --parameters {"type":"object"} --config {"effects":null}`);
  await parley(`${change} --url https://api.example.com/2`);

  const [use] = await rowsOf("chatbot_integrations");
  expect(use?.["tool_config"]).toEqual({
    bound: { phone: "{{contact.phone}}" },
    record: "redacted",
    allowed_tools: ["pay"],
    requires_confirmation: true,
    parameters: { type: "object" },
  });
  const [integration] = await rowsOf("org_integrations");
  expect(integration?.["settings"]).toEqual({
    url: "https://api.example.com/2",
    method: "POST",
    headers: { "X-Shop": "7" },
    auth: { type: "none" },
  });
  const shown = await parley("tool show pay");
  expect(shown.rows).toMatchObject([{ settings: { headers: { "X-Shop": "[hidden]" } } }]);
  await parley(`${change} --no-requires-confirmation`);
  const [after] = await rowsOf("chatbot_integrations");
  expect(after?.["tool_config"]).toMatchObject({
    requires_confirmation: false,
    record: "redacted",
  });
});

test("a tool that does not work yet is stored, said why, and the command ends with 1", async () => {
  const run = await parley(
    "tool add weather --chatbot Support --provider http --url https://{host}/",
  );
  expect(run.code).toBe(1);
  expect(run.rows).toMatchObject([{ failure: expect.stringContaining("no {placeholders}") }]);
  expect(await rowsOf("chatbot_integrations")).toHaveLength(1);
});

test("a call that fails ends with 1 and says why; the address inside the own network is one", async () => {
  await parley("tool add weather --chatbot Support --provider http --url http://127.0.0.1/w");
  const run = await parley("tool test weather");
  expect(run.code).toBe(1);
  expect(run.rows).toMatchObject([
    { tool: "weather", status: "failed", errorCode: "TOOL_MISCONFIGURED" },
  ]);
  const unfit = await parley("tool test weather --arguments []");
  expect(unfit).toMatchObject({ code: 2, stderr: expect.stringContaining("--arguments") });
});

test("the same tool goes to a second chatbot, and its credentials go with the last", async () => {
  await parley("chatbot create --name Shop --phone-number-id 2 --access-token x");
  await parley(`${ADD} --credentials -`, "one");
  await parley("tool add weather --chatbot Shop --provider http");
  expect(await rowsOf("org_integrations")).toHaveLength(1);
  expect((await parley("tool disable weather")).stderr).toContain("2 chatbots have this tool");

  expect((await parley("tool remove weather --chatbot Shop --yes")).rows).toMatchObject([
    { removed: true, credentialsRemoved: false },
  ]);
  expect((await parley("tool remove weather --yes")).rows).toMatchObject([
    { removed: true, credentialsRemoved: true },
  ]);
  expect(await rowsOf("org_integrations")).toEqual([]);
});

test("what an operator changed of a tool is in the audit log, without its secrets", async () => {
  await parley(`${ADD} --credentials -`, "a secret");
  await parley("tool disable weather");
  await parley("tool enable weather");
  await parley("tool remove weather --yes");
  const entries = (await rowsOf("audit_logs")).filter((row) => row["target_type"] === "tool");
  expect(entries.map(({ action }) => action)).toEqual([
    "tool.added",
    "tool.disabled",
    "tool.enabled",
    "tool.removed",
  ]);
  expect(entries[0]?.["changes"]).toMatchObject({
    name: "weather",
    provider: "http",
    credentials: ["api_key"],
  });
  expect(JSON.stringify(entries)).not.toContain("a secret");
});
