import { expect, test } from "vitest";
import { assertArgumentsSchema, createArgumentsCheck } from "./check-arguments.ts";

test("arguments that fit pass, and of others it is said what is wrong", () => {
  const check = createArgumentsCheck({
    type: "object",
    properties: {
      email: { type: "string", format: "email" },
      size: { enum: ["small", "large"] },
    },
    required: ["email"],
    additionalProperties: false,
  });
  expect(check({ email: "ana@example.com", size: "small" })).toBeNull();
  expect(check({})).toContain("must have required property 'email'");
  expect(check({ email: "nobody" })).toContain('email must match format "email"');
  expect(check({ email: "ana@example.com", size: "huge" })).toContain('["small","large"]');
  expect(check({ email: "ana@example.com", admin: true })).toContain("(admin)");
});

test.each([
  "http://json-schema.org/draft-07/schema#",
  "https://json-schema.org/draft/2020-12/schema",
  undefined,
])("a schema of dialect %s is understood", (dialect) => {
  const schema = { type: "object", properties: { count: { type: "integer" } } };
  const check = createArgumentsCheck(
    dialect === undefined ? schema : { $schema: dialect, ...schema },
  );
  expect(check({ count: 1 })).toBeNull();
  expect(check({ count: 1.5 })).toContain("count must be integer");
});

test("two tenants may use the same $id for different schemas", () => {
  const one = createArgumentsCheck({ $id: "order", required: ["a"] });
  const other = createArgumentsCheck({ $id: "order", required: ["b"] });
  expect([one({ a: 1 }), other({ b: 1 })]).toEqual([null, null]);
});

test("a pattern that would backtrack for minutes is no match within a moment", () => {
  const check = createArgumentsCheck({ properties: { code: { pattern: "^(a+)+$" } } });
  expect(check({ code: "aaa" })).toBeNull();
  expect(check({ code: `${"a".repeat(60)}!` })).toContain("cannot be compared with a pattern");
});

test("many slow patterns take no longer than one, and let nothing through", () => {
  const slow = { pattern: "^(a+)+$" };
  const check = createArgumentsCheck({
    properties: { codes: { items: { not: slow } }, one: { anyOf: [slow, true] } },
  });
  const code = `${"a".repeat(60)}!`;
  const startMs = performance.now();

  expect(check({ codes: Array.from({ length: 50 }, () => code), one: code })).toContain("pattern");

  expect(performance.now() - startMs).toBeLessThan(1_500);
});

test("each pattern of a schema is its own", () => {
  const check = createArgumentsCheck({
    properties: { letters: { pattern: "^[a-z]+$" }, digits: { pattern: "^[0-9]+$" } },
  });
  expect(check({ letters: "abc", digits: "123" })).toBeNull();
  expect(check({ letters: "123", digits: "123" })).toContain("letters must match");
  expect(check({ letters: "abc", digits: "abc" })).toContain("digits must match");
});

test.each([
  { type: "no such type" },
  { $ref: "https://example.com/schema.json" },
  { pattern: 7 },
  { properties: 7 },
])("what is no schema is refused: %j", (schema) => {
  expect(() => assertArgumentsSchema(schema)).toThrow("no JSON schema");
  const check = createArgumentsCheck(schema);
  expect(() => check({})).toThrow("no JSON schema");
});
