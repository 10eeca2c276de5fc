import { expect, test } from "vitest";
import { planOwnIndex } from "./keep-own-indexes.ts";

const limits = { buildAbove: 50_000, dropBelow: 40_000 };

test.for([
  ["none", 50_000, "nothing"],
  ["none", 50_001, "build"],
  ["whole", 50_001, "nothing"],
  ["whole", 40_000, "nothing"],
  ["whole", 39_999, "drop"],
  ["whole", 0, "drop"],
  ["broken", 60_000, "drop, build"],
  ["broken", 45_000, "drop, build"],
  ["broken", 39_999, "drop"],
] as const)("an index that is %s, with %i passages: %s", ([state, passages, expected]) => {
  const { drop, build } = planOwnIndex({ state, passages }, limits);
  const todo = [drop ? "drop" : "", build ? "build" : ""].filter((word) => word !== "");
  expect(todo.join(", ") || "nothing").toBe(expected);
});
