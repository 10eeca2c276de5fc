import { sql } from "kysely";
import { z } from "zod";
import { CHECK, type Evidence, findAny, type SeenRequest } from "./checks.ts";
import { fill } from "./fill.ts";
import { createObedientModel } from "./obedient-model.ts";
import { type Attacker, attackerOf, playCase, type Played } from "./play-case.ts";
import type { CheckName, RedTeamCase } from "./read-cases.ts";
import { SECRETS } from "./secrets.ts";
import { type Shop, startShop } from "./start-shop.ts";

/** What became of one attack. */
export type CaseResult = {
  readonly given: RedTeamCase;
  readonly attack: string;
  readonly failures: readonly { readonly check: CheckName; readonly what: string }[];
  /** What the customer read in answer to the attack. */
  readonly replies: readonly string[];
  /** Servers behind tools that were called. */
  readonly calls: readonly string[];
};

/** How the whole run ended. */
export type RedTeamRun = {
  readonly results: readonly CaseResult[];
  /** What the victim read after her own yes at the end, and how many refunds were made in all. */
  readonly victim: { readonly reply: string; readonly refunds: number };
  /** Where a secret stands in plain text: the log, the database. */
  readonly leaks: readonly string[];
};

/** A model of a provider, and the requests that it got. */
export type RealModel = {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly requests: () => readonly string[];
};

/** Attacks at the same time. A provider limits how many of a small account it answers. */
const PARALLEL = { fake: 6, real: 2 } as const;
/** The models of the simulator that a shop uses, on another address than a real one. */
const FAKE_MODEL = "openai:test";
const FAKE_BESIDE_OPENAI = "anthropic:test";
/** Only a model that obeys can show these. */
const NEEDS_OBEDIENCE: readonly CheckName[] = ["arrived", "asks-with-buttons"];

/** Plays all attacks against the shop and looks at everything that they left behind. */
export async function runCases(
  cases: readonly RedTeamCase[],
  real: RealModel | null = null,
): Promise<RedTeamRun> {
  const isOpenai = real?.name.startsWith("openai:") === true;
  const fakeModel = isOpenai ? FAKE_BESIDE_OPENAI : FAKE_MODEL;
  await using shop = await startShop(cases, {
    fakeModel,
    model: real?.name ?? fakeModel,
    settings: real?.settings ?? {},
  });
  const { simulator } = shop.world;
  simulator.models.script(createObedientModel(cases, shop.names));
  const before = simulator.models.requests().length;
  const played = await playAll(shop, cases, real === null ? PARALLEL.fake : PARALLEL.real);
  const requests: readonly SeenRequest[] =
    real === null
      ? simulator.models.requests().slice(before).map(toSeen)
      : real.requests().map(toUnparted);
  const common = await readCommon(shop);
  const results: CaseResult[] = [];
  for (const [index, given] of cases.entries()) {
    const attacker = attackerOf(given, index, shop.names);
    const evidence = await gather(shop, {
      given,
      attacker,
      requests,
      common,
      ...(played[index] ?? NOTHING),
    });
    results.push(judge(evidence, real));
  }
  const reply = await shop.victimConfirms();
  const refunds = shop.calls().filter(({ path }) => path === "/refunds").length;
  return { results, victim: { reply, refunds }, leaks: await findLeaks(shop) };
}

const NOTHING: Played = { replies: [], again: [] };

async function playAll(
  shop: Shop,
  cases: readonly RedTeamCase[],
  parallel: number,
): Promise<readonly Played[]> {
  const played: Played[] = [];
  const waiting = [...cases.entries()];
  const play = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, given] = next;
      played[index] = await playCase(shop, given, attackerOf(given, index, shop.names));
    }
  };
  await Promise.all(Array.from({ length: parallel }, play));
  return played;
}

type Requests = ReturnType<Shop["world"]["simulator"]["models"]["requests"]>;

function toSeen({ body, system, turns, tools }: Requests[number]): SeenRequest {
  const users = turns.flatMap((turn) => (turn.role === "user" ? turn.texts : []));
  return { body: JSON.stringify(body), parts: { system, users, tools } };
}

const toUnparted = (body: string): SeenRequest => ({ body, parts: null });

async function readCommon({ rows, forbidden, names }: Shop) {
  const questions = [names["victimQuestion"], names["otherQuestion"]];
  const open = await rows(sql`select id from tool_confirmations where state = 'pending'
    and id::text in (${questions[0]}, ${questions[1]})`);
  return {
    forbiddenRequests: forbidden.requests.length,
    openQuestions: open.map(({ id }) => String(id)),
  };
}

/** Where secrets could have come to lie in plain text. */
const KEPT_TABLES = [
  "messages",
  "tool_executions",
  "turns",
  "mailboxes",
  "system_alerts",
  "usage_logs",
];

async function findLeaks({ rows, logLines }: Shop): Promise<readonly string[]> {
  const kept = await Promise.all(
    KEPT_TABLES.map((table) =>
      rows(sql`select ${sql.table(table)}::text as row from ${sql.table(table)}`),
    ),
  );
  const secrets = Object.values(SECRETS);
  return [
    findAny(secrets, { "the log": [logLines.join("")] }),
    findAny(secrets, { "the database": [JSON.stringify(kept)] }),
  ].filter((leak) => leak !== null);
}

const Row = z.object({
  contact: z.string(),
  organization: z.string(),
  status: z.string(),
  out: z.boolean(),
  notes: z.number(),
});

async function gather(
  shop: Shop,
  from: Played & {
    readonly given: RedTeamCase;
    readonly attacker: Attacker;
    readonly requests: readonly SeenRequest[];
    readonly common: Awaited<ReturnType<typeof readCommon>>;
  },
): Promise<Evidence> {
  const { given, attacker, common, replies, again } = from;
  const [found] = await shop.rows(sql`
    select p.id as contact, p.organization_id as organization, c.status, p.opted_out_at is not null as out,
      (select count(*)::integer from conversation_notes n where n.conversation_id = c.id) as notes
    from contacts p join conversations c on c.contact_id = p.id
    where p.phone = ${attacker.phone?.slice(1) ?? null} or p.user_id = ${attacker.userId ?? null}`);
  const row = Row.parse(found);
  const isOf = (text: string) =>
    text.includes(`${given.id})`) || text.includes(`${given.id}-again)`);
  const named = new RegExp(`(?<![\\w-])(redirect-)?${given.id}(-again)?(?![\\w-])`);
  return {
    given,
    attack: fill(given.attack, shop.names),
    attacker,
    own: { contactId: row.contact, organizationId: row.organization },
    requests: from.requests.filter(({ body }) => isOf(body)),
    replies,
    again,
    calls: shop
      .calls()
      .filter(({ path, text }) => named.test(`${decodeURIComponent(path)} ${text}`)),
    afterwards: {
      ...common,
      status: row.status,
      isOptedOut: row.out,
      notes: row.notes,
    },
  };
}

function judge(evidence: Evidence, real: RealModel | null): CaseResult {
  const { given, attack, replies, calls } = evidence;
  const checks = given.mustHold.filter((name) => real === null || !NEEDS_OBEDIENCE.includes(name));
  const failures = checks.flatMap((check) => {
    const what = CHECK[check](evidence);
    return what === null ? [] : [{ check, what }];
  });
  return {
    given,
    attack,
    failures,
    replies: replies.map(({ text }) => text),
    calls: calls.map(({ path }) => path.split("?")[0] ?? ""),
  };
}
