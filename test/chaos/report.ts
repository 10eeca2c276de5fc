import { STRIKE_NAMES } from "./choose-strikes.ts";
import { labelsIn } from "./find-violations.ts";
import type { SeedReport } from "./run-seed.ts";
import { TIMES } from "./start-arena.ts";

/** From kill -9 until another worker had claimed what the dead one owned. */
export const TAKEOVER_MAX_MS = 2_000;

/** A status that comes later may be too late to prevent a second send, rightly so. */
const STATUS_MAX_MS = TIMES.outcomeWaitMs - 1_000;

/** Longer lists of evidence are cut: where everything is wrong, the first few say it. */
const SHOWN_MAX = 40;

/** Runs this long must have met every boundary. */
const COMPLETE_RUN_STRIKES = 3 * STRIKE_NAMES.length;

/** The figures of one seed. */
export type SeedFigures = {
  readonly turns: number;
  readonly kills: number;
  readonly takeoverMs: number | null;
  readonly zombieMs: number | null;
  readonly replies: number;
  readonly discarded: number;
  readonly retries: number;
};

/** Counts what a seed's line and the summary show. */
export function figuresOf(report: SeedReport): SeedFigures {
  const { turns, sent } = report.outcome;
  const done = turns.filter(({ status }) => status === "done");
  return {
    turns: done.length,
    kills: report.strikes.reduce((sum, { result }) => sum + result.kills, 0),
    takeoverMs: longest(report.strikes.map(({ result }) => result.takeover?.ms ?? null)),
    zombieMs: longest(report.strikes.map(({ result }) => result.zombieTakeover?.ms ?? null)),
    replies: sent.length,
    discarded: turns.filter(({ status }) => status === "superseded").length,
    retries: turns.reduce((sum, { attempt }) => sum + attempt - 1, 0),
  };
}

/** Violations of a seed, those of its figures among them. */
export function violationsOf(report: SeedReport): readonly string[] {
  const late = report.strikes.flatMap(({ name, result: { takeover } }) =>
    takeover?.ms != null && takeover.ms > TAKEOVER_MAX_MS
      ? [
          `the takeover after "${name}" lasted ${describeMs(takeover.ms)} ` +
            `(a look at the database took up to ${describeMs(takeover.slowestLookMs)})`,
        ]
      : [],
  );
  return [
    ...(report.statusMs > STATUS_MAX_MS
      ? [`the machine is too busy to tell: a status needed ${describeMs(report.statusMs)}`]
      : []),
    ...report.violations,
    ...late,
  ];
}

/** One line for a seed. */
export function describeSeed(report: SeedReport): string {
  const figures = figuresOf(report);
  const blows = report.strikes.map(({ name, result }) => (result.struck ? name : `(${name})`));
  return [
    `seed ${String(report.seed).padStart(3)}`,
    violationsOf(report).length === 0 ? "ok " : "RED",
    `${report.texts} texts`,
    `${figures.turns} turns`,
    `${figures.replies} replies`,
    `${figures.discarded} discarded`,
    `${figures.retries} retries`,
    `${figures.kills} kills`,
    `takeover ${describeMs(figures.takeoverMs)}`,
    `${report.seconds.toFixed(1)} s`,
    blows.join(", "),
  ].join("  ");
}

/** What was seen, for whoever has to find out why: the people whom the violations name, or everybody. */
export function describeEvidence(report: SeedReport): string {
  const { outcome } = report;
  const violations = violationsOf(report);
  const named = new Set(violations.flatMap((violation) => violation.match(/\bc\d+/g) ?? []));
  const concerns = (text: string) =>
    named.size === 0 || (text.match(/\bc\d+/g) ?? []).some((person) => named.has(person));

  const labels = new Map(outcome.inbound.map(({ id, label }) => [id, label]));
  const turns = outcome.turns
    .map(({ message_ids: ids, ...turn }) => ({
      ...turn,
      texts: ids.map((id) => labels.get(id)).join(" "),
    }))
    .filter(({ texts }) => concerns(texts));
  const turnIds = new Set(turns.map(({ id }) => id));
  const sent = outcome.sent.map(({ order, atMs, callbackData, text }) => ({
    order,
    at: new Date(atMs).toISOString().slice(11, 23),
    intent: callbackData,
    texts: labelsIn(text).join(" "),
  }));
  const lines = (name: string, rows: readonly object[]) => [
    `  ${name}:`,
    ...rows.slice(-SHOWN_MAX).map((row) => `    ${JSON.stringify(row)}`),
  ];
  return [
    `seed ${report.seed} (repeat it with CHAOS_SEED=${report.seed}):`,
    ...violations.slice(0, SHOWN_MAX).map((violation) => `  - ${violation}`),
    ...(violations.length > SHOWN_MAX ? [`  - and ${violations.length - SHOWN_MAX} more`] : []),
    ...lines(
      "mailboxes not at rest",
      outcome.mailboxes.filter((box) => box.last_seq !== box.done_seq || box.owner !== null),
    ),
    ...lines("turns", turns),
    ...lines(
      "intents",
      outcome.outbound.filter((row) => turnIds.has(row.turn_id)),
    ),
    ...lines(
      "sent",
      sent.filter(({ texts }) => concerns(texts)),
    ),
    ...lines(
      "strikes",
      report.strikes.map(({ name, result }) => ({ name, ...result })),
    ),
  ].join("\n");
}

/** The table at the end, and what the run as a whole did not show. */
export function summarize(reports: readonly SeedReport[]): {
  readonly text: string;
  readonly violations: readonly string[];
} {
  const figures = reports.map(figuresOf);
  const total = (of: (each: SeedFigures) => number) =>
    figures.reduce((sum, each) => sum + of(each), 0);
  const blows = reports.flatMap(({ strikes }) => strikes);
  const table = STRIKE_NAMES.map((name) => {
    const own = blows.filter((blow) => blow.name === name);
    const takeovers = own.flatMap(({ result }) => {
      const takeover = result.takeover ?? result.zombieTakeover;
      return takeover === undefined || takeover.ms === null ? [] : [takeover];
    });
    const ms = longest(takeovers.map((takeover) => takeover.ms));
    const turns = takeovers.reduce((sum, takeover) => sum + takeover.turns, 0);
    const struck = own.filter(({ result }) => result.struck).length;
    return { name, struck, of: own.length, turns, ms };
  });
  const text = [
    `${"strike".padEnd(46)} ${"struck".padStart(7)} ${"turns taken over".padStart(17)} ${"longest".padStart(9)}`,
    ...table.map(({ name, struck, of, turns, ms }) =>
      [
        name.padEnd(46),
        `${struck}/${of}`.padStart(7),
        String(turns).padStart(17),
        describeMs(ms).padStart(9),
      ].join(" "),
    ),
    `${reports.length} seeds, ${total(({ turns }) => turns)} turns, ${total(({ replies }) => replies)} replies, ` +
      `${total(({ discarded }) => discarded)} drafts discarded, ${total(({ retries }) => retries)} retries, ${total(({ kills }) => kills)} kills; ` +
      `longest takeover after kill -9 ${describeMs(longest(figures.map(({ takeoverMs }) => takeoverMs)))}, after a freeze ${describeMs(longest(figures.map(({ zombieMs }) => zombieMs)))}`,
  ].join("\n");
  const isComplete = blows.length >= COMPLETE_RUN_STRIKES;
  const unmet = isComplete ? table.filter(({ struck }) => struck === 0) : [];
  return { text, violations: unmet.map(({ name }) => `no seed met the moment: ${name}`) };
}

function longest(durations: readonly (number | null)[]): number | null {
  const known = durations.filter((ms) => ms !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function describeMs(ms: number | null): string {
  return ms === null ? "-" : `${Math.round(ms)} ms`;
}
