import { setTimeout as wait } from "node:timers/promises";
import type { Actor } from "./create-actor.ts";
import type { Random } from "./create-random.ts";
import { measureTakeover, type Takeover } from "./measure-takeover.ts";
import type { ActorName, Moment, Verdict } from "./moments.ts";
import { type Arena, TIMES } from "./start-arena.ts";

/** What a strike did. */
export type StrikeResult = {
  /** False when its moment did not come. */
  readonly struck: boolean;
  readonly kills: number;
  /** After kill -9 of a worker beside which another one lived. */
  readonly takeover?: Takeover;
  /** After freezing one: the others must first notice that its heart has stopped. */
  readonly zombieTakeover?: Takeover;
};

/** One blow against the running product; resolves when all its processes are ready again. */
export type Strike = (arena: Arena, random: Random) => Promise<StrikeResult>;

const MOMENT_MS = 5_000;
const MISSED: StrikeResult = { struck: false, kills: 0 };

const isWorker = ({ actor }: Moment): boolean => actor === "worker-a" || actor === "worker-b";
const at =
  (call: Moment["call"], stage: Moment["stage"]) =>
  (moment: Moment): boolean =>
    moment.call === call && moment.stage === stage && (call === "webhook" || isWorker(moment));

/** Workers with a call that was begun and has no outcome yet. */
const IN_A_TOOL_CALL = `select m.owner from mailboxes m, jsonb_array_elements(m.steps) s
  where m.owner is not null and s ->> 'name' like 'begun-%' and not m.steps @> jsonb_build_array(
    jsonb_build_object('name', 'tool-' || substring(s ->> 'name' from 7)))`;

/** By name, in the order of a message's way. */
export const STRIKES = {
  "webhook received, serve killed": killServe("received", "drop"),
  "webhook half stored, serve killed": killServe("received", "continue"),
  "webhook stored, its 200 lost, serve killed": killServe("processed", "drop"),
  "webhook answered, serve killed": killServe("answered", "continue"),
  "turn claimed": killSeen(`select m.owner from mailboxes m
    where m.owner is not null and m.handler = 'conversation' and m.steps = '[]'`),
  "model asked": killAt(at("model", "received"), "drop"),
  "model has answered, answer under way": killAt(at("model", "processed"), "drop"),
  "model's answer received": killAt(at("model", "answered"), "continue"),
  "answer stored": killSeen(`select m.owner from mailboxes m
    where m.owner is not null and m.steps <> '[]'`),
  "tool called, before it has done anything": killSeen(IN_A_TOOL_CALL),
  "tool has done it, answer under way": killAtEffect,
  "tool's outcome stored":
    killSeen(`select m.owner from mailboxes m, jsonb_array_elements(m.steps) s
    where m.owner is not null and s ->> 'name' like 'tool-%'`),
  "tool called or its outcome stored, later": killSeen(IN_A_TOOL_CALL, 300),
  "intent to send stored":
    killSeen(`select m.owner from mailboxes m join outbound_messages o using (turn_id)
    where m.owner is not null and o.state = 'sending'`),
  "message on the wire, never arrives": killAt(at("message", "received"), "drop"),
  "message on the wire, arrives": killAt(at("message", "received"), "continue"),
  "message sent, answer under way": killAt(at("message", "processed"), "drop"),
  "message sent, answer received": killAt(at("message", "answered"), "continue"),
  "turn being finished": killAt(at("message", "answered"), "continue", 25),
  "turn resting": killSeen(`select w.id as owner from mailboxes m cross join workers w
    where m.owner is null and m.turn_id is not null and m.run_at > clock_timestamp()`),
  "at random": killAnyTime,
  "frozen while the model thinks": freezeAt(at("model", "received")),
  "frozen while a tool is called": freezeSeen(IN_A_TOOL_CALL),
  "frozen while a message is sent": freezeAt(at("message", "received")),
  "frozen after a message was sent": freezeAt(at("message", "processed")),
  "session of a worker cut":
    cut(`select l.pid from pg_locks l join workers w on l.objid = w.lock_key::oid
    where l.locktype = 'advisory' and l.classid = 4242 order by w.id limit 1`),
  "connections of a worker cut": cut(`select pid from pg_stat_activity
    where datname = current_database() and application_name = 'worker-a'`),
  "connections of serve cut": cut(`select pid from pg_stat_activity
    where datname = current_database() and application_name = 'serve-a'`),
  "all connections cut": cut(`select pid from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`),
} as const satisfies Readonly<Record<string, Strike>>;

export type StrikeName = keyof typeof STRIKES;

/** Kills the worker that meets the moment: there, or up to `afterMs` later. */
function killAt(matches: (moment: Moment) => boolean, verdict: Verdict, afterMs = 0): Strike {
  return async (arena, random) => {
    const delayMs = random.between(0, afterMs);
    let since = performance.now();
    const kill = (name: ActorName) => {
      since = performance.now();
      actorOf(arena, name).kill();
    };
    const moment = await arena.moments.strikeAt(
      {
        matches,
        act: ({ actor }) => {
          if (afterMs === 0) kill(actor);
          return verdict;
        },
      },
      MOMENT_MS,
    );
    if (moment === null) return MISSED;
    if (afterMs > 0) {
      await wait(delayMs);
      kill(moment.actor);
    }
    return recover(arena, { actor: actorOf(arena, moment.actor), since, random });
  };
}

/** Kills the worker that the query shows, as soon as it shows one, or up to `afterMs` later. */
function killSeen(query: string, afterMs = 0): Strike {
  return async (arena, random) => {
    const actor = await findWorker(arena, query);
    if (actor === null) return MISSED;
    await wait(random.between(0, afterMs));
    const since = performance.now();
    actor.kill();
    return recover(arena, { actor, since, random });
  };
}

/** The first worker that the query shows; null when it shows none in time. */
async function findWorker(arena: Arena, query: string): Promise<Actor<ActorName> | null> {
  const deadlineMs = performance.now() + MOMENT_MS;
  while (performance.now() < deadlineMs) {
    const { rows } = await arena.observer.query<{ owner: string }>(`${query} limit 1`);
    const actor = arena.workers.find((worker) => worker.workerId() === rows[0]?.owner);
    if (actor !== undefined) return actor;
    await wait(3);
  }
  return null;
}

/** Kills the worker whose tool has just done what it was called for, and has not been told so. */
async function killAtEffect(arena: Arena, random: Random): Promise<StrikeResult> {
  const effect = await arena.orders.nextEffect(MOMENT_MS);
  if (effect === null) return MISSED;
  return killSeen(`select m.owner from messages x
    join mailboxes m on m.key = 'conversation:' || x.conversation_id
    where m.owner is not null and x.content like '${effect.label} %'`)(arena, random);
}

async function killAnyTime(arena: Arena, random: Random): Promise<StrikeResult> {
  const actor = random.pick(arena.workers);
  await wait(random.between(0, 600));
  const since = performance.now();
  actor.kill();
  return recover(arena, { actor, since, random });
}

async function recover(
  arena: Arena,
  killed: { readonly actor: Actor<ActorName>; readonly since: number; readonly random: Random },
): Promise<StrikeResult> {
  const { actor, since } = killed;
  const workerId = actor.workerId();
  const pauseMs = killed.random.between(0, 500);
  await actor.gone();
  const takeover =
    workerId === null ? null : await measureTakeover(arena.observer, workerId, since);
  await wait(pauseMs);
  await actor.start();
  return { struck: true, kills: 1, ...(takeover === null ? {} : { takeover }) };
}

/** Kills `serve` at a boundary of a webhook; half stored: a few milliseconds into it. */
function killServe(stage: Moment["stage"], verdict: Verdict): Strike {
  return async (arena, random) => {
    const isHalf = stage === "received" && verdict === "continue";
    const intoItMs = random.between(1, 8);
    const moment = await arena.moments.strikeAt(
      {
        matches: at("webhook", stage),
        act: ({ actor }) => {
          const { kill } = actorOf(arena, actor);
          if (isHalf) setTimeout(kill, intoItMs);
          else kill();
          return verdict;
        },
      },
      MOMENT_MS,
    );
    if (moment === null) return MISSED;
    if (isHalf) await wait(intoItMs + 5);
    const actor = actorOf(arena, moment.actor);
    await actor.gone();
    await wait(random.between(0, 500));
    await actor.start();
    return { struck: true, kills: 1 };
  };
}

/**
 * SIGSTOP, for longer than a worker may be silent, then SIGCONT: it must not go on where it was. It
 * wakes at the worst moment, when another worker is at the next turn of what it had.
 */
function freezeAt(matches: (moment: Moment) => boolean): Strike {
  return async (arena, random) => {
    let since = 0;
    const moment = await arena.moments.strikeAt(
      {
        matches,
        act: ({ actor }) => {
          since = performance.now();
          actorOf(arena, actor).freeze();
          return "continue";
        },
      },
      MOMENT_MS,
    );
    if (moment === null) return MISSED;
    return thawLater(arena, { actor: actorOf(arena, moment.actor), since, random });
  };
}

/** The same for the worker that the query shows. */
function freezeSeen(query: string): Strike {
  return async (arena, random) => {
    const actor = await findWorker(arena, query);
    if (actor === null) return MISSED;
    actor.freeze();
    return thawLater(arena, { actor, since: performance.now(), random });
  };
}

async function thawLater(
  arena: Arena,
  frozen: { readonly actor: Actor<ActorName>; readonly since: number; readonly random: Random },
): Promise<StrikeResult> {
  const { actor, since, random } = frozen;
  const frozenMs = TIMES.deadAfterMs + random.between(1_000, 1_500);
  const workerId = actor.workerId();
  const { rows: held } = await arena.observer.query<{ turn_id: string }>(
    "select turn_id from mailboxes where owner = $1",
    [workerId],
  );
  const [zombieTakeover] = await Promise.all([
    workerId === null
      ? { turns: 0, ms: null, slowestLookMs: 0 }
      : measureTakeover(arena.observer, workerId, since),
    wait(frozenMs),
  ]);
  await untilNextTurn(
    arena,
    held.map((row) => row.turn_id),
  );
  actor.thaw();
  await actor.rejoined(workerId);
  return { struck: true, kills: 0, zombieTakeover };
}

/** Resolves when a conversation that had one of these turns is at another one, or after a while. */
async function untilNextTurn(arena: Arena, turnIds: readonly string[]): Promise<void> {
  const deadlineMs = performance.now() + MOMENT_MS;
  while (performance.now() < deadlineMs) {
    const { rowCount } = await arena.observer.query(
      `select 1 from mailboxes m join turns t using (key)
       where t.id = any ($1) and m.owner is not null and m.turn_id <> t.id limit 1`,
      [turnIds],
    );
    if (rowCount !== 0) return;
    await wait(5);
  }
}

/** Ends database sessions as a restart of the server would. */
function cut(pids: string): Strike {
  return async (arena, random) => {
    await wait(random.between(0, 600));
    const workerIds = arena.workers.map((worker) => worker.workerId());
    const { rows } = await arena.observer.query(
      `select pg_terminate_backend(pid) from (${pids}) doomed`,
    );
    await wait(1_000);
    // Whoever lost its session comes back under a new name.
    await Promise.all(
      arena.workers.map(async (worker, index) => {
        const previous = workerIds[index] ?? null;
        const { rowCount } = await arena.observer.query("select 1 from workers where id = $1", [
          previous,
        ]);
        if (rowCount === 0) await worker.rejoined(previous);
      }),
    );
    return { struck: rows.length > 0, kills: 0 };
  };
}

function actorOf(arena: Arena, name: ActorName): Actor<ActorName> {
  const actor = [...arena.serves, ...arena.workers].find((each) => each.name === name);
  if (actor === undefined) throw new Error(`There is no ${name}`);
  return actor;
}
