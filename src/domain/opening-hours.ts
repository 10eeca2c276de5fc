import { z } from "zod";

/** The days of the week in their order, as opening hours name them. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
/** One of them. */
export type Weekday = (typeof WEEKDAYS)[number];

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Local times, such as 09:00 to 18:00. A range that ends where it began or earlier goes on the next day. */
const TimeRange = z.strictObject({
  from: z.string().regex(TIME, "is a time such as 09:00"),
  to: z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "is a time such as 18:00"),
});
/** When it is open without a break. */
export type TimeRange = z.infer<typeof TimeRange>;

const Ranges = z.array(TimeRange).max(6);

/** When a business is open: a week, and the dates that differ from it. In the business's time zone. */
export const OpeningHours = z.strictObject({
  /** A day that is missing is closed. */
  week: z.partialRecord(z.enum(WEEKDAYS), Ranges),
  exceptions: z
    .array(z.strictObject({ date: z.iso.date(), ranges: Ranges }))
    .max(200)
    .default([]),
});
export type OpeningHours = z.infer<typeof OpeningHours>;

/**
 * Reads opening hours as people type them: `mon-fri 09:00-12:30 13:30-18:00; sat 10:00-14:00;
 * 2026-12-25 closed`. A later part replaces an earlier one of the same day.
 * @returns a sentence where it cannot be understood.
 */
export function parseOpeningHours(text: string): OpeningHours | { readonly fault: string } {
  const week: Partial<Record<Weekday, TimeRange[]>> = {};
  const exceptions = new Map<string, TimeRange[]>();
  for (const part of text.split(/[;\n]/)) {
    const [days = "", ...times] = part
      .trim()
      .toLowerCase()
      .split(/[\s,]+/);
    if (days === "") continue;
    const ranges = parseRanges(times);
    if (ranges === null) return { fault: `“${part.trim()}” has no times such as 09:00-18:00.` };
    if (z.iso.date().safeParse(days).success) exceptions.set(days, ranges);
    else {
      const named = parseDays(days);
      if (named === null)
        return { fault: `“${days}” is no day such as mon, mon-fri or 2026-12-25.` };
      for (const day of named) week[day] = ranges;
    }
  }
  const listed = [...exceptions].map(([date, ranges]) => ({ date, ranges }));
  return { week, exceptions: listed.toSorted((a, b) => (a.date < b.date ? -1 : 1)) };
}

function parseRanges(times: readonly string[]): TimeRange[] | null {
  if (times.join("") === "closed") return [];
  const ranges = times.map((time) => {
    const [from, to] = time === "24h" ? ["00:00", "24:00"] : time.split(/[-–]/);
    return TimeRange.safeParse({ from, to }).data;
  });
  const known = ranges.filter((range) => range !== undefined);
  return known.length === 0 || known.length < ranges.length ? null : known;
}

function parseDays(text: string): readonly Weekday[] | null {
  const [first = "", last = first, ...rest] = text.split("-").map((day) => day.slice(0, 3));
  const [from, to] = [first, last].map((day) => WEEKDAYS.findIndex((name) => name === day));
  if (from === undefined || to === undefined || from < 0 || to < 0 || rest.length > 0) return null;
  return from <= to
    ? WEEKDAYS.slice(from, to + 1)
    : [...WEEKDAYS.slice(from), ...WEEKDAYS.slice(0, to + 1)];
}

/** Opening hours as a sentence that people and models understand; days of the same hours together. */
export function formatOpeningHours({ week, exceptions }: OpeningHours): string {
  const groups: { first: Weekday; last: Weekday; hours: string }[] = [];
  for (const day of WEEKDAYS) {
    const hours = formatRanges(week[day] ?? []);
    const group = groups.at(-1);
    if (group?.hours === hours) group.last = day;
    else groups.push({ first: day, last: day, hours });
  }
  const days = groups.map(({ first, last, hours }) =>
    first === last
      ? `${DAY_NAMES[first]} ${hours}`
      : `${DAY_NAMES[first]} to ${DAY_NAMES[last]} ${hours}`,
  );
  const dates = exceptions.map(({ date, ranges }) => `${date} ${formatRanges(ranges)}`);
  return [...days, ...dates].join("; ");
}

function formatRanges(ranges: readonly TimeRange[]): string {
  if (ranges.length === 0) return "closed";
  return ranges.map(({ from, to }) => `${from}-${to}`).join(" and ");
}

const DAY_NAMES: Readonly<Record<Weekday, string>> = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};
