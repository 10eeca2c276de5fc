import { randomUUID } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import { expect } from "vitest";
import { CONFIRMATION } from "#flow/confirmation/settle-confirmation.ts";
import { createKeyRing, generateKey, type KeyRing } from "#platform/key-ring.ts";
import type { Database } from "#store/database.ts";
import { KEY_RING_CHECK_CONTEXT } from "#store/key-ring-check.ts";
import type { Platform } from "../../src/open-platform.ts";
import { createTestPlatform, type ParleyRun, runParley } from "./run-parley.ts";

/** A key, and the one that takes its place. */
export const OLD = generateKey();
/** See above. */
export const NEW = generateKey();
/** The ring before, while and after the key is changed. */
export const rings = {
  old: createKeyRing([OLD]),
  both: createKeyRing([NEW, OLD]),
  new: createKeyRing([NEW]),
};

/** The organization and the chatbot that secrets belong to. */
export type Place = { readonly organizationId: string; readonly chatbotId: string };

/** A database with secrets of all kinds under the old key, and commands under any ring. */
export type SealedWorld = {
  readonly database: Database;
  readonly platform: (ring: keyof typeof rings) => Platform;
  readonly parley: (
    ring: keyof typeof rings,
    line: string,
    options?: Parameters<typeof runParley>[2],
  ) => Promise<ParleyRun>;
  readonly query: <Row>(statement: RawBuilder<Row>) => Promise<readonly Row[]>;
  readonly createChatbot: (name: string, phoneNumberId: string) => Promise<Place>;
  /** Calls of a tool as turns record them; the result of the first was redacted. */
  readonly recordCalls: (place: Place, count: number) => Promise<void>;
  /** One of everything that is sealed, in an organization of its own. */
  readonly fill: (name: string, phoneNumberId: string) => Promise<Place>;
  /** What a ring opens of everything that is sealed; fails where it does not. */
  readonly openAll: (ring: keyof typeof rings) => Promise<readonly string[]>;
};

/** Secrets that one organization has after `fill`: a token, an app secret, a credential, … */
export const SECRETS_OF_ONE = 10;

/** On an empty database. */
export function createSealedWorld(database: Database, dataFolder: string): SealedWorld {
  const platform: SealedWorld["platform"] = (ring) => ({
    ...createTestPlatform(database, { DATA_DIR: dataFolder }),
    keyRing: rings[ring],
  });
  const parley: SealedWorld["parley"] = (ring, line, options = {}) =>
    runParley(platform(ring), [...line.split(" "), "--json"], options);
  const query: SealedWorld["query"] = async (statement) => {
    const { rows } = await database.asOwner((db) => statement.execute(db));
    return [...rows];
  };
  const recordCalls = (place: Place, count: number) => insertCalls(query, place, count);
  const createChatbot: SealedWorld["createChatbot"] = async (name, phoneNumberId) => {
    const made = await parley(
      "old",
      `chatbot create --organization ${name} --name ${name} --phone-number-id ${phoneNumberId} --access-token token-of-${name} --app-secret secret-of-${name}`,
    );
    expect(made).toMatchObject({ code: 0 });
    const [row] =
      await query(sql<Place>`select organization_id as "organizationId", id as "chatbotId"
      from chatbots where name = ${name}`);
    if (row === undefined) throw new Error("There is no such chatbot");
    return row;
  };
  const fill: SealedWorld["fill"] = async (name, phoneNumberId) => {
    const place = await createChatbot(name, phoneNumberId);
    const tool = `tool add pay --chatbot ${name} --provider http --url https://api.example.com/p --credentials -`;
    expect(await parley("old", tool, { stdin: `key-of-${name}` })).toMatchObject({ code: 0 });
    await recordCalls(place, 3);
    await insertQuestion(query, place);
    return place;
  };
  const openAll: SealedWorld["openAll"] = async (ring) => {
    const sealed = await query(EVERYTHING);
    return sealed.map((secret) => openOne(rings[ring], secret)).toSorted();
  };
  return { database, platform, parley, query, createChatbot, recordCalls, fill, openAll };
}

const seal = (place: Place, column: string, text: string): string =>
  rings.old.seal(text, { organizationId: place.organizationId, column });

async function insertCalls(query: SealedWorld["query"], place: Place, count: number) {
  const calls = Array.from({ length: count }, (_, n) => ({
    arguments: { sealed: seal(place, "tool_executions", `{"n":${n}}`) },
    result: n === 0 ? { redacted: true } : { sealed: seal(place, "tool_executions", `"${n}"`) },
  }));
  await query(sql`insert into tool_executions
      (organization_id, chatbot_id, tool_name, tool_type, arguments, result, status)
    select ${place.organizationId}::uuid, ${place.chatbotId}::uuid, 'pay', 'http', c.arguments, c.result, 'success'
    from jsonb_to_recordset(${JSON.stringify(calls)}::text::jsonb) as c (arguments jsonb, result jsonb)`);
}

/** A question to a customer, and a turn under way that has taken the answer to one. */
async function insertQuestion(query: SealedWorld["query"], { organizationId, chatbotId }: Place) {
  const place = { organizationId, chatbotId };
  const sealed = seal(place, "tool_confirmations", '{"input":{}}');
  const [contact] = await query(sql<{
    id: string;
  }>`insert into contacts (organization_id, chatbot_id, phone)
    values (${organizationId}::uuid, ${chatbotId}::uuid, '15551234567') returning id`);
  const [conversation] = await query(sql<{ id: string }>`insert into conversations
      (organization_id, chatbot_id, contact_id)
    values (${organizationId}::uuid, ${chatbotId}::uuid, ${contact?.id}::uuid) returning id`);
  await query(sql`insert into tool_confirmations (id, organization_id, chatbot_id, conversation_id,
      integration_id, tool_name, tool_call_id, arguments)
    select ${randomUUID()}::uuid, organization_id, ${chatbotId}::uuid, ${conversation?.id}::uuid, id, name, 'c1', ${sealed}
    from org_integrations where organization_id = ${organizationId}::uuid`);
  const steps = [
    { name: "media-1", output: { text: "before" } },
    { name: CONFIRMATION, output: { confirmation: { toolName: "pay", sealedArguments: sealed } } },
    { name: "model-0", output: { text: "after" } },
  ];
  await query(sql`insert into mailboxes (key, organization_id, handler, lane, turn_id, steps)
    values (${`conversation:${conversation?.id}`}, ${organizationId}::uuid, 'answer', 'conversations',
      ${randomUUID()}::uuid, ${JSON.stringify(steps)}::text::jsonb)`);
}

type Sealed = {
  readonly organizationId: string | null;
  readonly column: string;
  readonly text: string;
};

const openOne = (ring: KeyRing, { organizationId, column, text }: Sealed): string =>
  ring.open(text, organizationId === null ? KEY_RING_CHECK_CONTEXT : { organizationId, column });

const EVERYTHING = sql<Sealed>`select organization_id as "organizationId", name as column, text from (
  select organization_id, 'whatsapp_access_token' as name, whatsapp_access_token as text from chatbots
  union all select organization_id, 'whatsapp_app_secret', whatsapp_app_secret from chatbots
  union all select organization_id, 'credentials', c.value from org_integrations, jsonb_each_text(credentials) c
  union all select organization_id, 'tool_executions', arguments ->> 'sealed' from tool_executions
  union all select organization_id, 'tool_executions', result ->> 'sealed' from tool_executions where result ? 'sealed'
  union all select organization_id, 'tool_confirmations', arguments from tool_confirmations
  union all select organization_id, 'tool_confirmations',
    steps -> 1 -> 'output' -> 'confirmation' ->> 'sealedArguments' from mailboxes where steps <> '[]'
  union all select null, 'key_ring_check', sealed from key_ring_check) everything`;

/** A field of each row, by the kind of secrets. */
export const byKind = ({ rows }: ParleyRun, field: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(rows.map((row) => [String(row["kind"]), row[field]]));
