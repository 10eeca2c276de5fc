import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Resealing, resealSecrets } from "#cli/commands/reseal-secrets.ts";
import { createKeyRing, generateKey } from "#platform/key-ring.ts";
import type { Database } from "#store/database.ts";
import { insertKeyRingCheck, KEY_RING_CHECK_CONTEXT } from "#store/key-ring-check.ts";
import type { TestChatbot } from "../support/create-test-chatbot.ts";
import {
  byKind,
  createSealedWorld,
  NEW,
  OLD,
  rings,
  type SealedWorld,
  SECRETS_OF_ONE,
} from "../support/sealed-world.ts";
import { APP_SECRET, startWorld } from "../support/start-world.ts";
import { emptyDatabase } from "../support/test-database.ts";
import { ask } from "../support/tool-world.ts";

let folder: string;
let world: SealedWorld;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-secrets-"));
  world = createSealedWorld(await emptyDatabase(), join(folder, "data"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const stored = () =>
  world.query(sql`select (select jsonb_agg(c order by c.id) from chatbots c) as chatbots,
    (select jsonb_agg(i order by i.id) from org_integrations i) as tools,
    (select jsonb_agg(e order by e.id) from tool_executions e) as calls,
    (select jsonb_agg(m order by m.key) from mailboxes m) as mailboxes,
    (select count(*) from audit_logs) as audits`);

test("everything of every organization is under the first key afterwards, and a ring with that key alone opens it", async () => {
  await insertKeyRingCheck(world.database.db, rings.old.seal("parley", KEY_RING_CHECK_CONTEXT));
  await world.fill("Bakery", "1");
  await world.fill("Shop", "2");
  const before = await world.openAll("old");
  expect(before.length).toBe(2 * SECRETS_OF_ONE + 1);
  const steps = () =>
    world.query(sql`select steps #- '{1,output,confirmation,sealedArguments}' as steps
    from mailboxes where steps <> '[]' order by key`);
  const otherSteps = await steps();

  const run = await world.parley("both", "secrets rotate");

  expect(run.code).toBe(0);
  expect(run.stderr).toContain("may be taken out of the ring");
  expect(byKind(run, "resealed")).toEqual({
    chatbots: 4,
    tools: 2,
    confirmations: 2,
    turns: 2,
    "tool calls": 10,
    "key ring check": 1,
  });
  expect(byKind(run, "checked")).toEqual(byKind(run, "resealed"));
  expect(new Set(Object.values(byKind(run, "left")))).toEqual(new Set([0]));
  expect(await world.openAll("new")).toEqual(before);
  expect(await steps()).toEqual(otherSteps);
  const audits = await world.query(sql<{ changes: unknown }>`select changes from audit_logs
    where action = 'secrets.resealed' order by changes ->> 'kind', id`);
  expect(audits.map(({ changes }) => changes)).toEqual([
    { kind: "chatbots", secrets: 2 },
    { kind: "chatbots", secrets: 2 },
    { kind: "tools", secrets: 1 },
    { kind: "tools", secrets: 1 },
  ]);
});

test("a second run changes nothing", async () => {
  await world.fill("Bakery", "1");
  await world.parley("both", "secrets rotate");
  const before = await stored();

  const run = await world.parley("both", "secrets rotate");

  expect(run.code).toBe(0);
  expect(new Set(Object.values(byKind(run, "resealed")))).toEqual(new Set([0]));
  expect(await stored()).toEqual(before);
});

test("a secret that no key opens is named and left, the others go on, and the command ends with 1", async () => {
  const bakery = await world.fill("Bakery", "1");
  await world.fill("Shop", "2");
  const foreign = createKeyRing([generateKey()]).seal("lost", {
    organizationId: bakery.organizationId,
    column: "whatsapp_access_token",
  });
  await world.query(
    sql`update chatbots set whatsapp_access_token = ${foreign} where name = 'Bakery'`,
  );
  await world.query(sql`update org_integrations set credentials = credentials || ${JSON.stringify({ other: foreign })}::text::jsonb
    where organization_id = ${bakery.organizationId}::uuid`);

  const run = await world.parley("both", "secrets rotate");

  expect(run.code).toBe(1);
  expect(run.stderr).toContain(
    `No key of the ring opens whatsapp_access_token of Bakery (chatbots, Bakery, ${bakery.chatbotId}).`,
  );
  expect(run.stderr).toContain("No key of the ring opens other of pay (tools, Bakery, ");
  expect(run.stderr).toContain("2 secret(s) were left as they are");
  expect(run.stderr).not.toContain("meanwhile");
  expect(run.stdout + run.stderr).not.toContain(foreign);
  expect(byKind(run, "left")).toMatchObject({ chatbots: 1, tools: 1, "tool calls": 0 });
  expect(byKind(run, "resealed")).toMatchObject({ chatbots: 3, tools: 2, "tool calls": 10 });
  const [chatbot] = await world.query(
    sql<{
      token: string;
    }>`select whatsapp_access_token as token from chatbots where name = 'Bakery'`,
  );
  expect(chatbot?.token).toBe(foreign);
});

test("a credential that somebody wrote by SQL is sealed", async () => {
  const { organizationId } = await world.fill("Bakery", "1");
  await world.query(
    sql`update org_integrations set credentials = '{"it''s \\"a\\", key": "plain", "pin": 1234}'`,
  );

  expect((await world.parley("both", "secrets rotate")).code).toBe(0);

  const [tool] = await world.query(
    sql<{ credentials: Record<string, string> }>`select credentials from org_integrations`,
  );
  const opened = Object.entries(tool?.credentials ?? {}).map(([name, text]) => [
    name,
    rings.new.open(text, { organizationId, column: "credentials" }),
  ]);
  expect(Object.fromEntries(opened)).toEqual({ 'it\'s "a", key': "plain", pin: "1234" });
});

/** The database, with something that happens before its transaction of this number, the first being 0. */
function interrupted(before: (transaction: number) => Promise<unknown>): Database {
  let transactions = 0;
  const db = Object.assign(Object.create(world.database.db), {
    connection: () => ({
      execute: async (work: Parameters<ReturnType<Database["db"]["connection"]>["execute"]>[0]) => {
        await before(transactions++);
        return world.database.db.connection().execute(work);
      },
    }),
  });
  return { ...world.database, db };
}

async function collect(pages: AsyncIterable<Resealing>): Promise<readonly number[]> {
  const resealed: number[] = [];
  for await (const page of pages) resealed.push(page.resealed);
  return resealed;
}

test("what somebody changes at the same time is not overwritten, but looked at again", async () => {
  const place = await world.fill("Bakery", "1");
  const context = { organizationId: place.organizationId, column: "whatsapp_access_token" };
  const changed = rings.old.seal("entered meanwhile", context);
  const busy = interrupted(async (transaction) => {
    if (transaction === 1)
      // after it was read, before it is replaced
      await world.query(sql`update chatbots set whatsapp_access_token = ${changed}`);
  });

  const resealed = await collect(
    resealSecrets({ ...world.platform("both"), database: busy }, "chatbots"),
  );

  expect(resealed).toEqual([2, 0]);
  const [chatbot] = await world.query(
    sql<{ token: string }>`select whatsapp_access_token as token from chatbots`,
  );
  expect(rings.new.open(chatbot?.token ?? "", context)).toBe("entered meanwhile");
});

test("a row that disappears at the same time is nobody's trouble", async () => {
  await world.fill("Bakery", "1");
  const busy = interrupted(async (transaction) => {
    if (transaction === 1) await world.query(sql`delete from tool_executions`);
  });

  const resealed = await collect(
    resealSecrets({ ...world.platform("both"), database: busy }, "tool calls"),
  );

  expect(new Set(resealed)).toEqual(new Set([0]));
});

test("a chatbot answers as before while the key is changed, and when the old one is gone", async () => {
  const start = (keys: string) =>
    startWorld(
      { ENCRYPTION_KEYS: keys, WHATSAPP_APP_SECRET: "of other chatbots" },
      { database: world.database },
    );
  let chatbot: TestChatbot;
  {
    await using running = await start(OLD);
    chatbot = await running.createChatbot({ appSecret: APP_SECRET });
    await ask(running, chatbot);
  }
  const { phoneNumberId } = chatbot;
  {
    await using running = await start(`${NEW},${OLD}`);
    running.simulator.addPhoneNumber({ phoneNumberId, displayName: "Test" });
    const reply = ask(running, chatbot);
    expect((await world.parley("both", "secrets rotate")).code).toBe(0);
    expect(await reply).toMatchObject({ phoneNumberId });
    expect(await ask(running, chatbot)).toMatchObject({ phoneNumberId });
  }
  await using running = await start(NEW);
  running.simulator.addPhoneNumber({ phoneNumberId, displayName: "Test" });
  expect(await ask(running, chatbot)).toMatchObject({ phoneNumberId });
});

test.runIf(process.env["DATABASE_URL"] !== undefined)(
  "nobody is waited for: a row that somebody holds is left, said so, and taken the next time",
  async () => {
    const { organizationId } = await world.fill("Bakery", "1");
    const session = await world.database.openSession?.();
    await session?.query("begin");
    await session?.query("select set_config('app.organization_id', $1, true)", [organizationId]);
    await session?.query("update chatbots set name = 'Renamed'");

    const first = await world.parley("both", "secrets rotate");
    await session?.query("commit");
    await session?.close();

    expect(first.code).toBe(1);
    expect(first.stderr).toContain("2 secret(s) were written under another key meanwhile, or");
    expect(byKind(first, "left")).toMatchObject({ chatbots: 2, tools: 0, "tool calls": 0 });
    const second = await world.parley("both", "secrets rotate");
    expect(second.code).toBe(0);
    expect(byKind(second, "resealed")).toMatchObject({ chatbots: 2, tools: 0 });
    await world.openAll("new");
  },
);
