import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ChatbotId, OrganizationId } from "#domain/ids.ts";
import type { Database } from "#store/database.ts";
import { acceptChange, type Route } from "#store/inbound.ts";
import { createSimulator, type Simulator } from "../../simulator/create-simulator.ts";
import {
  createTestPlatform,
  type ParleyRun,
  runParley,
  shellWords,
} from "../support/run-parley.ts";
import { emptyDatabase } from "../support/test-database.ts";

let stack: AsyncDisposableStack;
let database: Database;
let simulator: Simulator;
let route: Route;
let conversationId: string;
let parley: (line: string) => Promise<ParleyRun>;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "parley-template-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  database = await emptyDatabase();
  simulator = await createSimulator({
    port: 0,
    webhookUrl: "http://127.0.0.1:9/none",
    appSecret: "secret",
    phoneNumbers: [{ phoneNumberId: "1001" }],
  });
  stack.defer(simulator.close);
  const platform = createTestPlatform(database, {
    DATA_DIR: folder,
    GRAPH_API_BASE_URL: simulator.url,
  });
  parley = (line) => runParley(platform, shellWords(line));
  const { rows } = await parley(
    "chatbot create --json --name Support --phone-number-id 1001 --access-token token",
  );
  route = {
    organizationId: OrganizationId.parse(rows[0]?.["organizationId"]),
    chatbotId: ChatbotId.parse(rows[0]?.["id"]),
  };
  conversationId = await writeLongAgo();
});
afterEach(() => stack.disposeAsync());

/** A person wrote two days ago: only a template may be sent now. */
async function writeLongAgo(): Promise<string> {
  const [accepted] = await acceptChange(database.db, route, {
    received: null,
    longestWaitMs: 0,
    humanPauseMs: 0,
    events: [
      {
        kind: "message",
        whatsappMessageId: "wamid.long-ago",
        sender: { phone: "351912345678" },
        sentAt: new Date(Date.now() - 2 * 24 * 60 * 60 * 1_000),
        content: { type: "text", text: "Hi", data: {} },
        wantsAnswer: true,
      },
    ],
  });
  return accepted?.conversationId ?? "";
}

const send = (options = ""): Promise<ParleyRun> =>
  parley(
    `conversation send-template ${conversationId} --template order_ready --language pt_BR --json ${options}`,
  );

async function readRows(text: string): Promise<readonly Record<string, unknown>[]> {
  const { rows } = await database.asOwner((db) =>
    sql.raw<Record<string, unknown>>(text).execute(db),
  );
  return rows;
}

test("a template reaches a person who has not written for days, and the history knows it", async () => {
  expect(await send('--parameters "Ana|12" --text "Hello Ana, order 12 is ready."')).toMatchObject({
    code: 0,
    rows: [{ id: conversationId, template: "order_ready" }],
  });

  expect(simulator.sent.map(({ body }) => body)).toMatchObject([
    {
      to: "+351912345678",
      type: "template",
      template: {
        name: "order_ready",
        language: { code: "pt_BR" },
        components: [{ type: "body", parameters: [{ text: "Ana" }, { text: "12" }] }],
      },
    },
  ]);
  expect(
    await readRows("select type, content, whatsapp_message_id from messages where author = 'bot'"),
  ).toEqual([
    {
      type: "template",
      content: "Hello Ana, order 12 is ready.",
      whatsapp_message_id: simulator.sent[0]?.id,
    },
  ]);
  expect(await readRows("select state from outbound_messages")).toEqual([{ state: "sent" }]);
  expect(
    await readRows("select action from audit_logs where target_type = 'conversation'"),
  ).toEqual([{ action: "conversation.template_sent" }]);
});

test("without its words a template stands in the history by name and parameters", async () => {
  await send('--parameters "Ana|12"');

  expect(await readRows("select content from messages where author = 'bot'")).toEqual([
    { content: "order_ready: Ana, 12" },
  ]);
});

test("whoever has opted out gets nothing", async () => {
  await database.asOwner((db) => sql`update contacts set opted_out_at = now()`.execute(db));

  expect(await send()).toMatchObject({ code: 1, stdout: "" });
  expect(simulator.sent).toEqual([]);
  expect(await readRows("select 1 from outbound_messages")).toEqual([]);
});

test("a template that Meta refuses is recorded as failed, and the history forgets it", async () => {
  simulator.setFaults({ graph: { next: ["server-error"] } });

  expect(await send()).toMatchObject({ code: 1, stdout: "" });
  expect(await readRows("select state, meta_error_code from outbound_messages")).toEqual([
    { state: "failed", meta_error_code: 131_000 },
  ]);
  expect(await readRows("select 1 from messages where author = 'bot'")).toEqual([]);
});

test("an unknown outcome is not repeated, and the history keeps the message", async () => {
  simulator.setFaults({ graph: { next: ["drop-after"] } });

  const run = await send();

  expect(run).toMatchObject({ code: 1, stdout: "" });
  expect(simulator.sent).toHaveLength(1);
  expect(await readRows("select state from outbound_messages")).toEqual([{ state: "sending" }]);
  expect(await readRows("select content from messages where author = 'bot'")).toEqual([
    { content: "order_ready" },
  ]);
});

test.each([
  ["a name with capitals", "--template Order"],
  ["a language that is none", "--language portuguese"],
  ["an empty parameter", '--parameters "Ana||12"'],
])("%s is refused before anything is sent", async (_what, options) => {
  expect((await send(options)).code).not.toBe(0);
  expect(simulator.sent).toEqual([]);
});
