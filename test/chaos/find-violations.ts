import type { WrittenText } from "./customers-write.ts";
import type { Outcome } from "./read-outcome.ts";

/**
 * Holds the outcome of a run against what was promised: each inbound message answered by exactly one
 * reply that covers it, in order per person, nothing lost, nothing twice. A sentence per violation.
 * @param zombies whether a worker lived on that the others took for dead: it may pay for an answer of a
 *   model before it notices, though it can do nothing with it.
 */
export function findViolations(
  outcome: Outcome,
  written: readonly WrittenText[],
  zombies: "none" | "some",
): readonly string[] {
  return [
    ...checkAcceptance(outcome, written),
    ...checkTurns(outcome),
    ...checkReplies(outcome, written),
    ...checkOrder(outcome, written),
    ...checkEffects(outcome),
    ...checkTools(outcome, written),
    ...(zombies === "none" ? checkPayments(outcome, written) : []),
    ...checkRest(outcome),
  ];
}

/** What was written is stored once. */
function checkAcceptance(outcome: Outcome, written: readonly WrittenText[]): string[] {
  return written.flatMap(({ label, messageId }) => {
    const rows = outcome.inbound.filter((row) => row.whatsapp_message_id === messageId);
    const same = outcome.inbound.filter((row) => row.label === label);
    return rows.length === 1 && same.length === 1
      ? []
      : [`${label} is stored ${Math.max(rows.length, same.length)} times`];
  });
}

/** Each message is in exactly one finished turn, and the turns of a conversation follow each other. */
function checkTurns(outcome: Outcome): string[] {
  const finished = outcome.turns.filter(({ status }) => status !== "superseded");
  const lost = outcome.inbound.flatMap(({ id, label }) => {
    const turns = finished.filter((turn) => turn.message_ids.includes(id));
    return turns.length === 1 ? [] : [`${label} is in ${turns.length} finished turns`];
  });
  const unhappy = finished
    .filter(({ status }) => status !== "done")
    .map((turn) => `a turn ended ${turn.status} (${turn.error_code}, attempt ${turn.attempt})`);
  const gaps = finished.flatMap((turn, index) => {
    const previous = finished[index - 1];
    const doneBefore = previous?.key === turn.key ? previous.upto : 0;
    return doneBefore + turn.message_ids.length === turn.upto
      ? []
      : [`a turn up to ${turn.upto} after ${doneBefore} has ${turn.message_ids.length} messages`];
  });
  return [...lost, ...unhappy, ...gaps];
}

/** Each text is repeated by exactly one delivered reply, to the right person from the right number. */
function checkReplies(outcome: Outcome, written: readonly WrittenText[]): string[] {
  const perText = written.flatMap((text) => {
    const replies = outcome.sent.filter((reply) => labelsIn(reply.text).includes(text.label));
    if (replies.length !== 1) return [`${text.label} is answered by ${replies.length} replies`];
    const isRight = replies.every(
      (reply) => reply.customerId === text.customerId && reply.phoneNumberId === text.phoneNumberId,
    );
    return isRight ? [] : [`${text.label} is answered to somebody else`];
  });
  const perIntent = Map.groupBy(outcome.sent, ({ callbackData }) => callbackData);
  const twice = [...perIntent].flatMap(([id, replies]) =>
    id !== null && replies.length === 1 ? [] : [`a reply was sent ${replies.length} times`],
  );
  const empty = outcome.sent.filter(({ text }) => labelsIn(text).length === 0);
  return [...perText, ...twice, ...empty.map(() => "a reply answers nothing")];
}

/** A reply covers only what was accepted after everything that earlier replies cover. */
function checkOrder(outcome: Outcome, written: readonly WrittenText[]): string[] {
  const accepted = new Map(
    outcome.turns
      .filter(({ status }) => status === "done")
      .flatMap(({ message_ids: ids }) => ids)
      .map((id, position) => [id, position]),
  );
  const positions = new Map(
    outcome.inbound.map(({ id, label }) => [label, accepted.get(id) ?? -1]),
  );
  const ranks = new Map(written.map(({ label, rank }) => [label, rank]));
  const replies = outcome.sent.toSorted((a, b) => a.order - b.order);
  const violations: string[] = [];
  for (const [customerId, own] of Map.groupBy(replies, (reply) => reply.customerId)) {
    for (const [name, order] of [
      ["acceptance", positions],
      ["writing", ranks],
    ] as const) {
      let newest = -1;
      for (const reply of own) {
        const covered = labelsIn(reply.text).map((label) => order.get(label) ?? -1);
        if (Math.min(...covered) < newest)
          violations.push(`${customerId}: a reply breaks the order of ${name}`);
        newest = Math.max(newest, ...covered);
      }
    }
  }
  return violations;
}

/** What a turn leaves behind is there once. */
function checkEffects(outcome: Outcome): string[] {
  const done = outcome.turns.filter(({ status }) => status === "done");
  const answers = outcome.usage.filter(({ kind }) => kind === "answer");
  const usage = done.flatMap(({ id }) => {
    const rows = answers.filter((row) => row.turn_id === id).length;
    return rows === 1 ? [] : [`a finished turn has ${rows} usage rows`];
  });
  const extra = answers.length === done.length ? [] : ["there is usage of turns that do not exist"];
  const billing = outcome.billing
    .filter(({ counted, logged }) => counted !== logged)
    .map(({ counted, logged }) => `${counted} messages are billed, ${logged} are logged`);
  const history = outcome.sent.flatMap(({ id, callbackData }) => {
    const rows = outcome.history.filter((row) => row.whatsapp_message_id === id).length;
    const intents = outcome.outbound.filter(
      (row) => row.id === callbackData && row.whatsapp_message_id === id && row.state === "sent",
    ).length;
    return rows === 1 && intents === 1
      ? []
      : [`a sent message has ${rows} rows in the history and ${intents} settled intents`];
  });
  const counts =
    outcome.history.length === outcome.sent.length &&
    outcome.outbound.length === outcome.sent.length
      ? []
      : [
          `${outcome.sent.length} sent messages, ${outcome.history.length} in the history, ${outcome.outbound.length} intents`,
        ];
  const alerts = outcome.alerts.map((alert) => `alert ${alert.alert_type} (${alert.error_code})`);
  return [...usage, ...extra, ...billing, ...history, ...counts, ...alerts];
}

/**
 * A tool that changes something is called once for each text that asks for it, or, when its process was
 * killed in the middle, perhaps not, which is then said. Each call is recorded once.
 */
function checkTools(outcome: Outcome, written: readonly WrittenText[]): string[] {
  const ordering = written.filter(({ orders }) => orders);
  const unknown = outcome.toolExecutions.filter(({ status }) => status === "unknown").length;
  const missing = ordering.filter(
    ({ label }) => !outcome.effects.some((effect) => effect.label === label),
  );
  const perText = ordering.flatMap(({ label }) => {
    const done = outcome.effects.filter((effect) => effect.label === label);
    return done.length <= 1 ? [] : [`${label} was ordered ${done.length} times`];
  });
  const odd = outcome.toolExecutions
    .filter(({ status }) => status !== "success" && status !== "unknown")
    .map(({ status, error_code: code }) => `a tool call ended ${status} (${code})`);
  const rows = outcome.toolExecutions.length;
  return [
    ...perText,
    ...odd,
    ...(missing.length <= unknown
      ? []
      : [`${missing.length} orders were not done, ${unknown} are said to be uncertain`]),
    ...(rows === ordering.length ? [] : [`${ordering.length} orders, ${rows} recorded calls`]),
  ];
}

/** Once a tool was called, the model's answer that asked for it is not paid for again. */
function checkPayments(outcome: Outcome, written: readonly WrittenText[]): string[] {
  return written.flatMap(({ label }) => {
    const effect = outcome.effects.find((done) => done.label === label);
    const again = outcome.modelRequests.filter(
      ({ texts, turns, atMs }) =>
        effect !== undefined &&
        atMs > effect.atMs &&
        turns.at(-1)?.role !== "tool" &&
        texts.some((text) => labelsIn(text).includes(label)),
    );
    return again.length === 0 ? [] : [`the model's call for ${label} was paid for again`];
  });
}

/** Nothing is under way any more. */
function checkRest(outcome: Outcome): string[] {
  const busy = outcome.mailboxes.filter(
    (box) => box.owner !== null || box.last_seq !== box.done_seq || box.turn_id !== null,
  );
  const { messages, steps } = outcome.leftOvers;
  return [
    ...busy.map((box) => `${box.key} is not at rest`),
    ...(messages === 0 ? [] : [`${messages} posted messages are left`]),
    ...(steps === 0 ? [] : [`${steps} checkpoints are left`]),
  ];
}

/** The texts that a reply repeats. */
export function labelsIn(text: string): readonly string[] {
  return text.match(/c\d+m\d+/g) ?? [];
}
