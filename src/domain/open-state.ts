import { type OpeningHours, type TimeRange, WEEKDAYS } from "./opening-hours.ts";

/** A local date and time of day. */
export type LocalMoment = {
  /** `2026-12-24` */
  readonly date: string;
  /** Minutes since midnight, as the clock on the wall shows them. */
  readonly minutes: number;
};

/** Whether a business is open, and when that changes; null: not within the next weeks. */
export type OpenState =
  | { readonly kind: "open"; readonly until: LocalMoment | null }
  | { readonly kind: "closed"; readonly opens: LocalMoment | null };

/** Holidays that close a business are rarely longer. */
const DAYS_AHEAD = 45;
const DAY_MINUTES = 24 * 60;

/** Whether the business is open at a moment of its own clock. Pure. */
export function findOpenState(hours: OpeningHours, now: LocalMoment): OpenState {
  const spans = spansAround(hours, now.date);
  const current = spans.find(({ from, to }) => from <= now.minutes && now.minutes < to);
  if (current !== undefined) {
    const endsInSight = current.to < DAYS_AHEAD * DAY_MINUTES;
    return { kind: "open", until: endsInSight ? momentAt(now.date, current.to) : null };
  }
  const next = spans.find(({ from }) => from > now.minutes);
  return { kind: "closed", opens: next === undefined ? null : momentAt(now.date, next.from) };
}

type Span = { readonly from: number; readonly to: number };

/** When it is open from yesterday on, in minutes since today's midnight; spans that touch are one. */
function spansAround(hours: OpeningHours, today: string): readonly Span[] {
  const merged: { from: number; to: number }[] = [];
  for (const day of daysFromYesterday()) {
    const midnight = day * DAY_MINUTES;
    for (const span of rangesOn(hours, addDays(today, day)).map(toSpan).toSorted(byStart)) {
      const from = midnight + span.from;
      const to = midnight + span.to;
      const last = merged.at(-1);
      if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
      else merged.push({ from, to });
    }
  }
  return merged;
}

const daysFromYesterday = (): readonly number[] =>
  Array.from({ length: DAYS_AHEAD + 2 }, (_, index) => index - 1);

const byStart = (first: Span, second: Span): number => first.from - second.from;

function toSpan({ from, to }: TimeRange): Span {
  const [start, end] = [toMinutes(from), toMinutes(to)];
  return { from: start, to: end <= start ? end + DAY_MINUTES : end };
}

function toMinutes(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

function rangesOn(hours: OpeningHours, date: string): readonly TimeRange[] {
  const exception = hours.exceptions.find((entry) => entry.date === date);
  if (exception !== undefined) return exception.ranges;
  const sundayFirst = new Date(`${date}T00:00:00Z`).getUTCDay();
  const day = WEEKDAYS[(sundayFirst + 6) % 7];
  return day === undefined ? [] : (hours.week[day] ?? []);
}

function addDays(date: string, days: number): string {
  const time = Date.parse(`${date}T00:00:00Z`) + days * DAY_MINUTES * 60_000;
  return new Date(time).toISOString().slice(0, 10);
}

function momentAt(today: string, minutes: number): LocalMoment {
  const days = Math.floor(minutes / DAY_MINUTES);
  return { date: addDays(today, days), minutes: minutes - days * DAY_MINUTES };
}

/** What the clock of a time zone shows. @throws RangeError for a time zone that does not exist. */
export function toLocalMoment(now: Date, timeZone: string): LocalMoment {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(now);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((entry) => entry.type === type)?.value ?? "";
  return {
    date: `${part("year")}-${part("month")}-${part("day")}`,
    minutes: Number(part("hour")) * 60 + Number(part("minute")),
  };
}

/** `Thursday, 24 December 2026`. */
export function formatDate(date: string): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" }).format(
    new Date(`${date}T00:00:00Z`),
  );
}

/** `09:30`. */
export function formatTime(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return `${String(hours).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}
