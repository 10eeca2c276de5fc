import fc from "fast-check";
import { expect, test } from "vitest";
import { findOpenState, formatTime, toLocalMoment } from "./open-state.ts";
import { formatOpeningHours, OpeningHours, parseOpeningHours, WEEKDAYS } from "./opening-hours.ts";

const parse = (text: string): OpeningHours => OpeningHours.parse(parseOpeningHours(text));
const minutes = (time: string): number => {
  const [hours = 0, rest = 0] = time.split(":").map(Number);
  return hours * 60 + rest;
};
/** 2026-11-23 is a Monday. */
const stateAt = (text: string, date: string, time: string) =>
  findOpenState(parse(text), { date, minutes: minutes(time) });

test("opening hours are read as people type them", () => {
  expect(parse("mon-wed 09:00-12:30 13:30-18:00; Saturday 10:00–14:00\n2026-12-25 closed")).toEqual(
    {
      week: {
        mon: [
          { from: "09:00", to: "12:30" },
          { from: "13:30", to: "18:00" },
        ],
        tue: expect.any(Array),
        wed: expect.any(Array),
        sat: [{ from: "10:00", to: "14:00" }],
      },
      exceptions: [{ date: "2026-12-25", ranges: [] }],
    },
  );
  expect(Object.keys(parse("sat-mon 24h").week).toSorted()).toEqual(["mon", "sat", "sun"]);
});

test.each([
  "someday 09:00-10:00",
  "mon",
  "mon nine to five",
  "mon 9-17",
  "mon 25:00-26:00",
  "mon-wed-fri 09:00-10:00",
])("%s is refused with the part that is wrong", (text) => {
  expect(parseOpeningHours(text)).toEqual({ fault: expect.stringContaining("“") });
});

test("days of the same hours are told together", () => {
  expect(formatOpeningHours(parse("mon-fri 09:00-18:00; sat 10:00-14:00; 2026-12-25 closed"))).toBe(
    "Monday to Friday 09:00-18:00; Saturday 10:00-14:00; Sunday closed; 2026-12-25 closed",
  );
});

const WEEK = "mon-fri 09:00-12:30 13:30-18:00; sat 10:00-14:00; fri 18:00-02:00; 2026-12-25 closed";

test.each([
  ["2026-11-23", "08:59", { kind: "closed", opens: { date: "2026-11-23", minutes: 540 } }],
  ["2026-11-23", "09:00", { kind: "open", until: { date: "2026-11-23", minutes: 750 } }],
  ["2026-11-23", "12:30", { kind: "closed", opens: { date: "2026-11-23", minutes: 810 } }],
  ["2026-11-23", "18:00", { kind: "closed", opens: { date: "2026-11-24", minutes: 540 } }],
  // past midnight the hours of the day before still count
  ["2026-11-28", "01:59", { kind: "open", until: { date: "2026-11-28", minutes: 120 } }],
  ["2026-11-28", "02:00", { kind: "closed", opens: { date: "2026-11-28", minutes: 600 } }],
  ["2026-11-28", "15:00", { kind: "closed", opens: { date: "2026-11-30", minutes: 540 } }],
  // Christmas is a Friday
  ["2026-12-25", "11:00", { kind: "closed", opens: { date: "2026-12-26", minutes: 600 } }],
])("on %s at %s the state is right", (date, time, state) => {
  expect(stateAt(WEEK, date, time)).toEqual(state);
});

test("a business that never closes, or never opens, has no next change", () => {
  expect(stateAt("mon-sun 24h", "2026-11-25", "03:00")).toEqual({ kind: "open", until: null });
  expect(stateAt("", "2026-11-25", "03:00")).toEqual({ kind: "closed", opens: null });
});

test("hours that touch at midnight are one", () => {
  expect(stateAt("mon 18:00-24:00; tue 00:00-02:00", "2026-11-23", "23:00")).toEqual({
    kind: "open",
    until: { date: "2026-11-24", minutes: 120 },
  });
});

test("the clock is that of the business's time zone, also in summer", () => {
  const at = (time: string, zone: string) => {
    const { date, minutes: minute } = toLocalMoment(new Date(time), zone);
    return `${date} ${formatTime(minute)}`;
  };
  expect(at("2026-11-25T23:30:00Z", "America/Sao_Paulo")).toBe("2026-11-25 20:30");
  expect(at("2026-11-25T23:30:00Z", "Asia/Kolkata")).toBe("2026-11-26 05:00");
  expect(at("2026-07-01T12:00:00Z", "Europe/Lisbon")).toBe("2026-07-01 13:00");
  expect(at("2026-12-31T00:00:00Z", "UTC")).toBe("2026-12-31 00:00");
});

test("the next change is a change: just before it the state is the same, at it the other", () => {
  const time = fc.integer({ min: 0, max: 95 }).map((quarter) => formatTime(quarter * 15));
  const ranges = fc.array(
    fc.tuple(time, time).map(([from, to]) => ({ from, to })),
    { maxLength: 3 },
  );
  const week = fc.record(Object.fromEntries(WEEKDAYS.map((day) => [day, ranges])));
  fc.assert(
    fc.property(week, fc.nat(1439), (days, minute) => {
      const hours = OpeningHours.parse({ week: days });
      const now = { date: "2026-11-25", minutes: minute };
      const state = findOpenState(hours, now);
      const change = state.kind === "open" ? state.until : state.opens;
      if (change === null) return;
      const before =
        change.minutes === 0
          ? { date: previousDay(change.date), minutes: 1439 }
          : { ...change, minutes: change.minutes - 1 };
      expect(findOpenState(hours, before).kind).toBe(state.kind);
      expect(findOpenState(hours, change).kind).not.toBe(state.kind);
    }),
  );
});

function previousDay(date: string): string {
  return new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10);
}
