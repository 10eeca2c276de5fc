import { expect, test } from "vitest";
import { checkOwnIndexes, type OwnIndexes } from "./check-own-indexes.ts";

const large = { passages: 60_000 };

test.for<[OwnIndexes["found"], OwnIndexes["builder"], string, RegExp]>([
  [[], "owner", "ok", /^None has more than 50,000 passages\.$/],
  [[], "embedded", "ok", /embedded database would build no index/],
  [[], "not-owner", "ok", /does not own the tables/],
  [[{ passages: 45_000, state: "whole" }], "owner", "ok", /^None/],
  [[{ ...large, state: "whole" }], "not-owner", "ok", /each with an index of its own/],
  [[{ ...large, state: "none" }], "owner", "warning", /within the hour/],
  [[{ ...large, state: "broken" }], "owner", "warning", /within the hour/],
  [[{ ...large, state: "none" }], "not-owner", "warning", /the owner's DATABASE_URL/],
  [[{ ...large, state: "none" }], "embedded", "warning", /move to PostgreSQL/],
])("large chatbots: %j, built by %s: %s", ([found, builder, level, sentence]) => {
  const finding = checkOwnIndexes({ found, builder });
  expect(finding).toMatchObject({ check: "large chatbots", level });
  expect(finding.message).toMatch(sentence);
});
