import type { CommitMeasurement } from "./measure-commits.ts";
import type { FunctionCosts } from "./measure-functions.ts";
import { type LoadMeasurement, totalCpuMs } from "./measure-load.ts";
import type { MemoryMeasurement } from "./measure-memory.ts";
import type { StartMeasurement } from "./measure-start.ts";
import { median } from "./statistics.ts";

type Cell = string | number;

/** A table in Markdown. Numbers get three digits that count. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const write = (cells: readonly Cell[]) =>
    `| ${cells.map((cell) => (typeof cell === "number" ? round(cell) : cell)).join(" | ")} |\n`;
  return `${write(head)}${write(head.map(() => "---"))}${rows.map(write).join("")}\n`;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The comparison as a table: medians of the rounds, and their ratio. */
export function reportComparison(
  title: string,
  measured: {
    readonly parley: readonly LoadMeasurement[];
    readonly floor: readonly LoadMeasurement[];
  },
): string {
  const row = (name: string, read: (measurement: LoadMeasurement) => number) => {
    const [parley, floor] = [median(measured.parley.map(read)), median(measured.floor.map(read))];
    return [name, parley, floor, `${(parley / floor).toFixed(2)} ×`];
  };
  const cpu = (name: string) => (measurement: LoadMeasurement) => measurement.cpuMs[name] ?? 0;
  const perSecond = (count: number, ms: number) => (count * 1_000) / ms;
  const rows = [
    row("webhooks/s", ({ report }) => perSecond(report.accepted, report.acceptedAfterMs)),
    row("replies/s", ({ report }) => perSecond(report.replies, report.repliedAfterMs)),
    row("accept p50, ms", ({ report }) => report.acceptMs.p50),
    row("accept p99, ms", ({ report }) => report.acceptMs.p99),
    row("reply p50, ms", ({ report }) => report.replyMs.p50),
    row("reply p99, ms", ({ report }) => report.replyMs.p99),
    row("CPU ms/message", totalCpuMs),
    row("– database", cpu("database")),
    ["– serve", median(measured.parley.map(cpu("serve"))), "", ""],
    ["– work", median(measured.parley.map(cpu("work"))), "", ""],
    ["– floor", "", median(measured.floor.map(cpu("floor"))), ""],
    row("outside world, not counted", cpu("outside world")),
  ];
  return `## ${title}\n\n${table(["", "Parley", "floor", "ratio"], rows)}`;
}

/** Commits for each message, as a table. */
export function reportCommits(commits: CommitMeasurement): string {
  return `## commits\n\n${table(
    ["phase", "commits/message"],
    [
      ["accept, with the notification of the workers", commits.accept],
      ["turn, a worker drains what waits", commits.drain],
      ["accept and turn, 20 messages/s", commits.live],
    ],
  )}`;
}

/** What the functions of the hot path cost, as a table. */
export function reportFunctions(costs: FunctionCosts): string {
  const sum = Object.values(costs).reduce((total, cost) => total + cost, 0);
  const rows = Object.entries({ ...costs, "all of them": sum });
  return `## functions\n\n${table(["function", "CPU µs/message"], rows)}`;
}

/** Memory, as a table. */
export function reportMemory(measured: readonly MemoryMeasurement[]): string {
  const rows = measured.map(({ name, idle, underLoad }) => [name, idle, underLoad]);
  return `## memory\n\n${table(["process", "idle, MiB", "most under load, MiB"], rows)}`;
}

/** Times of starts, as a table. */
export function reportStarts(measured: readonly StartMeasurement[]): string {
  const rows = measured.map(({ name, readyMs, answeredMs }) => [name, readyMs, answeredMs]);
  return `## start\n\n${table(["database", "ready, ms", "first answer, ms"], rows)}`;
}
