import { expect, test } from "vitest";
import { dropNearDuplicates } from "./drop-near-duplicates.ts";

const passages = (...texts: readonly string[]) => texts.map((text) => ({ text }));
const hours =
  "We are open from Monday to Friday from nine in the morning until six in the evening, and on Saturdays from ten until two.";

test("of two nearly equal passages the better one stays, and the place goes to something new", () => {
  const found = passages(hours, `${hours.toUpperCase()}!`, "Repairs take three weeks.", "Closed.");
  expect(dropNearDuplicates(found, 2)).toEqual(passages(hours, "Repairs take three weeks."));
});

test("passages that differ in what matters both stay", () => {
  const found = passages("Delivery to Spain costs 12 euros.", "Delivery to Italy costs 15 euros.");
  expect(dropNearDuplicates(found, 5)).toEqual(found);
});

test("a part of a longer passage stays, and so do neighbours that overlap", () => {
  const found = passages(
    hours,
    hours.slice(0, 40),
    `${hours.slice(-40)} Ring the bell twice if the door is shut.`,
  );
  expect(dropNearDuplicates(found, 5)).toEqual(found);
});

test("Japanese without spaces is compared by its characters", () => {
  const text = "営業時間は月曜日から金曜日までの九時から十八時までです。";
  const found = passages(text, `${text}。`, "修理には三週間かかります。定休日は日曜日です。");
  expect(dropNearDuplicates(found, 5)).toHaveLength(2);
});
