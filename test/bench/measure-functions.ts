import { readFile } from "node:fs/promises";
import { sql } from "kysely";
import { ConversationId, TurnId } from "#domain/ids.ts";
import type { Turn } from "#domain/turn.ts";
import type { InboundMessage } from "#domain/webhook-event.ts";
import { loadConversation } from "#store/conversation-context.ts";
import type { AppDatabase } from "#store/database.ts";
import { acceptChange } from "#store/inbound.ts";
import { claimTurns, finishTurnAlone } from "#store/mailboxes.ts";
import { openDatabase } from "#store/open-database.ts";
import { beginReply } from "#store/replies.ts";
import { findRoute } from "#store/webhook-events.ts";
import type { BenchServer } from "./bench-database.ts";
import { createAccount } from "./subjects.ts";

/** Microseconds of CPU that one message costs the database, by function of the hot path. */
export type FunctionCosts = Readonly<Record<string, number>>;

const PEOPLE = 400;
/** Messages that go the way together, so that their calls share statements as under load. */
const TOGETHER = 20;
/** Everybody writes once a round. Plans and caches are warm after the first ones. */
const ROUNDS = 8;
const ROUNDS_TO_WARM_UP = 3;

const WORKER = "bench";
const ANSWER = "Yes, we have a table for four on Friday. Shall I book it for *19:30*?";

type Measure = <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;

/**
 * What each function of the hot path costs the session that calls it: the CPU time of one backend, which
 * other programs of the machine hardly change. Without commits of other sessions and without Node.
 */
export async function measureFunctions(server: BenchServer): Promise<FunctionCosts> {
  const url = await server.createDatabase();
  const { phoneNumberIds } = await createAccount(url);
  const database = await openDatabase({ kind: "server", url, poolSize: 1 });
  try {
    const readMicroseconds = await openBackendClock(database.db);
    const totals = new Map<string, number>();
    let isWarm = false;
    const measure: Measure = async (name, work) => {
      const before = await readMicroseconds();
      const result = await work();
      const spent = (await readMicroseconds()) - before;
      if (isWarm) totals.set(name, (totals.get(name) ?? 0) + spent);
      return result;
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      isWarm = round >= ROUNDS_TO_WARM_UP;
      for (let first = 0; first < PEOPLE; first += TOGETHER) {
        const people = Array.from({ length: TOGETHER }, (_, index) => first + index);
        await converse(database.db, measure, { people, phoneNumberIds, round });
      }
    }
    const messages = PEOPLE * (ROUNDS - ROUNDS_TO_WARM_UP);
    return Object.fromEntries([...totals].map(([name, total]) => [name, total / messages]));
  } finally {
    await database.close();
  }
}

/** The CPU time of the only session of a pool. */
async function openBackendClock(db: AppDatabase): Promise<() => Promise<number>> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  const file = `/proc/${rows[0]?.pid}/schedstat`;
  return async () => Number((await readFile(file, "utf8")).split(" ")[0]) / 1_000;
}

type Batch = {
  readonly people: readonly number[];
  readonly phoneNumberIds: readonly string[];
  readonly round: number;
};

/** A message of each person, from the webhook to the end of its turn. */
async function converse(db: AppDatabase, measure: Measure, batch: Batch): Promise<void> {
  const { people } = batch;
  const routes = await measure("route_phone_number", () =>
    Promise.all(people.map((person) => findRoute(db, phoneNumberOf(batch, person)))),
  );
  await measure("accept_change", () =>
    Promise.all(
      people.map((person, index) => {
        const route = routes[index];
        if (route == null) throw new Error("Nobody has this number");
        return acceptChange(db, route, toChange(batch, person));
      }),
    ),
  );
  const { turns } = await measure("mailbox_claim", () =>
    claimTurns(db, { worker: WORKER, places: 200, organizationCap: 50, documentPlaces: 2 }),
  );
  if (turns.length !== people.length) throw new Error(`${turns.length} turns were claimed`);
  const loaded = await measure("load_conversation", () =>
    Promise.all(
      turns.map((turn) => {
        const { organizationId, conversationId } = idsOf(turn);
        return loadConversation(db, organizationId, { conversationId, messages: 61 });
      }),
    ),
  );
  const begun = await measure("begin_reply", () =>
    Promise.all(turns.map((turn) => beginReply(db, ...toIntent(turn)))),
  );
  await measure("finish_turn", () =>
    Promise.all(
      turns.map(async (turn, index) => {
        const [reply, context] = [begun[index], loaded[index]];
        if (reply?.outcome !== "ready" || context == null) throw new Error("A turn was lost");
        const sent = reply.outbound.map(({ id }) => ({ id, whatsappMessageId: `wamid.${id}` }));
        await finishTurnAlone(db, ownerOf(turn), {
          status: "done",
          errorCode: null,
          nextMs: null,
          leaves: {
            ...idsOf(turn),
            ...context,
            language: "en",
            sent,
            history: sent.map(({ whatsappMessageId }) => ({
              content: ANSWER,
              type: "text",
              data: {},
              whatsappMessageId,
              toolCalls: [],
              sentAt: new Date().toISOString(),
            })),
            toolExecutions: [],
            confirmation: null,
            promptVersion: context.chatbot.prompt.version,
            usage: { ...MODEL_CALL, costMicros: null },
            purpose: "answer",
          },
        });
      }),
    ),
  );
}

const MODEL_CALL = {
  model: "openai:bench",
  tokensPrompt: 120,
  tokensCached: 0,
  tokensCompletion: 20,
} as const;

function phoneNumberOf({ phoneNumberIds }: Batch, person: number): string {
  return phoneNumberIds[person % phoneNumberIds.length] ?? "";
}

function toChange(batch: Batch, person: number): Parameters<typeof acceptChange>[2] {
  const phone = String(15_550_000_000 + person);
  const whatsappMessageId = `wamid.HBgLMTU1NTAwMDAwMDEVAgASGBQz${batch.round}-${person}`;
  const text = `Hello, is there a table for four on Friday evening? ${whatsappMessageId}`;
  const event: InboundMessage = {
    kind: "message",
    whatsappMessageId,
    sender: { phone, profileName: "Sheena Nelson" },
    sentAt: new Date(),
    content: { type: "text", text, data: {} },
    wantsAnswer: true,
  };
  const phoneNumberId = phoneNumberOf(batch, person);
  const payload = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "15550783881", phone_number_id: phoneNumberId },
    contacts: [{ profile: { name: "Sheena Nelson" }, wa_id: phone }],
    messages: [{ from: phone, id: whatsappMessageId, type: "text", text: { body: text } }],
  };
  const change = { phoneNumberId, field: "messages", events: [event], payload };
  return {
    received: { change, outcome: "accepted", errorCode: null },
    events: [event],
    longestWaitMs: 5_000,
    humanPauseMs: 3_600_000,
  };
}

function idsOf({ key, organizationId, turnId }: Turn) {
  if (organizationId === null) throw new Error("A conversation without an organization");
  const conversationId = ConversationId.parse(key.slice("conversation:".length));
  return { organizationId, conversationId, turnId: TurnId.parse(turnId) };
}

function ownerOf({ key, fence }: Turn) {
  return { key, fence, worker: WORKER };
}

function toIntent(
  turn: Turn,
): [Parameters<typeof beginReply>[1], Parameters<typeof beginReply>[2]] {
  const { organizationId, conversationId } = idsOf(turn);
  const parts = [{ type: "text", text: ANSWER }];
  return [
    organizationId,
    {
      owner: ownerOf(turn),
      conversationId,
      contents: [{ type: "text", body: ANSWER }],
      steps: { "model-0": { parts, call: MODEL_CALL } },
      supersedeMax: 3,
      evenPaused: false,
      outcomeWaitMs: 15_000,
    },
  ];
}
