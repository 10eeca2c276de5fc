import { expect, test } from "vitest";
import { hashEmbedding } from "./hash-embedding.ts";
import { rotate } from "./rotate.ts";

const dot = (first: ArrayLike<number>, second: ArrayLike<number>) =>
  Array.from(first).reduce((sum, value, index) => sum + value * (second[index] ?? 0), 0);

test("turning keeps lengths and angles", () => {
  const first = Float64Array.from({ length: 1536 }, (_, index) => Math.sin(index));
  const second = Float64Array.from({ length: 1536 }, (_, index) => (index % 7 === 0 ? 1 : 0));
  expect(dot(rotate(first), rotate(second))).toBeCloseTo(dot(first, second), 8);
  expect(dot(rotate(second), rotate(second))).toBeCloseTo(dot(second, second), 8);
});

test("a single word reaches every dimension, so that signs tell something", () => {
  const vector = hashEmbedding("screwdriver");
  expect(vector.filter((value) => Math.abs(value) > 1e-4).length).toBeGreaterThan(1_200);
});

test("vectors never change: stored ones are compared with new ones", () => {
  const vector = hashEmbedding("Horário de funcionamento: 9h às 18h");
  expect(vector.slice(0, 4).map((value) => value.toFixed(6))).toMatchInlineSnapshot(`
    [
      "0.011511",
      "-0.036682",
      "-0.002260",
      "-0.002702",
    ]
  `);
});

test("accents and case make no difference", () => {
  expect(dot(hashEmbedding("HORÁRIO"), hashEmbedding("horario"))).toBeCloseTo(1, 8);
});
