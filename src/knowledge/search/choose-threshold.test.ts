import { expect, test } from "vitest";
import { chooseThreshold } from "./choose-threshold.ts";

test("the threshold keeps the asked share and none higher does", () => {
  const onTopic = Array.from({ length: 20 }, (_, index) => 0.4 + index / 100);
  const found = chooseThreshold({ onTopic, offTopic: [0.1, 0.2, 0.405, 0.5] }, 0.95);
  expect(found).toEqual({ threshold: 0.41, onTopicKept: 0.95, offTopicPassed: 0.25 });
});
