import { setTimeout as wait } from "node:timers/promises";
import { labelsIn } from "./find-violations.ts";
import type { CustomerText } from "./simulator-client.ts";
import { type Arena, startArena } from "./start-arena.ts";

const TEXTS = 5;
const ROUNDS = 5;
const REPLY_MS = 10_000;

/** How five texts reach us. */
type Way = "one after the other" | "in one webhook" | "all at once";

/**
 * A burst of five texts gives one model call and one reply that covers all five, in their order
 * wherever they have one. Without kills and faults; returns a sentence per violation.
 */
export async function runBursts(options: {
  readonly databaseUrl: string;
  readonly logFolder: string;
}): Promise<readonly string[]> {
  const arena = await startArena({ ...options, seed: 0, statusDelayMs: 0 });
  try {
    const violations: string[] = [];
    let marked = 0;
    for (const way of ["one after the other", "in one webhook", "all at once"] as const) {
      for (let round = 1; round <= ROUNDS; round += 1) {
        violations.push(...(await burst(arena, way, marked)));
        marked += TEXTS;
      }
    }
    return violations;
  } finally {
    await arena.close();
  }
}

async function burst(arena: Arena, way: Way, marked: number): Promise<readonly string[]> {
  const customer = arena.customers.find(({ replyDelayMs }) => replyDelayMs > 0);
  if (customer === undefined) throw new Error("No chatbot waits for bursts");
  const { id, phoneNumberId } = customer;
  const texts = Array.from({ length: TEXTS }, (_, index): CustomerText => ({
    phoneNumberId,
    customer: id,
    text: `${id}m${marked + index + 1} and more`,
  }));
  const asked = (await arena.simulator.modelRequests()).length;
  const sent = (await arena.simulator.sent()).length;
  await write(arena, way, texts);
  await untilSent(arena, sent + 1);

  const requests = (await arena.simulator.modelRequests()).slice(asked);
  const replies = (await arena.simulator.sent()).slice(sent);
  const expected = texts.flatMap(({ text }) => labelsIn(text));
  const covered = replies.flatMap(({ text }) => labelsIn(text));
  const isComplete =
    way === "all at once"
      ? covered.toSorted().join() === expected.toSorted().join()
      : covered.join() === expected.join();
  const violations = [
    ...(requests.length === 1 ? [] : [`${requests.length} model calls`]),
    ...(replies.length === 1 ? [] : [`${replies.length} replies`]),
    ...(isComplete ? [] : [`it is answered as ${covered.join(" ")}`]),
  ];
  return violations.map((violation) => `a burst of ${TEXTS} ${way}: ${violation}`);
}

async function write(arena: Arena, way: Way, texts: readonly CustomerText[]): Promise<void> {
  switch (way) {
    case "one after the other":
      for (const text of texts) await arena.simulator.send([text], "acknowledged");
      return;
    case "in one webhook":
      await arena.simulator.send(texts, "acknowledged");
      return;
    case "all at once":
      await Promise.all(texts.map((text) => arena.simulator.send([text], "acknowledged")));
  }
}

/** Resolves when so many were sent and the conversations rest. */
async function untilSent(arena: Arena, count: number): Promise<void> {
  const deadlineMs = performance.now() + REPLY_MS;
  while (performance.now() < deadlineMs) {
    const { rows } = await arena.observer.query<{ idle: boolean }>(
      `select not exists (select 1 from mailboxes
         where handler = 'conversation' and last_seq > done_seq) as idle`,
    );
    if (rows[0]?.idle === true && (await arena.simulator.sent()).length >= count) return;
    await wait(50);
  }
}
