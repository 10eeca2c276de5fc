import fc from "fast-check";
import { expect, test } from "vitest";
import { PRUNED_MARKER, STORED_DEPTH_MAX, toStorableJson } from "./storable-json.ts";

test("ordinary JSON comes out as it went in", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const json = JSON.stringify(value);
      expect(JSON.stringify(toStorableJson(JSON.parse(json)))).toBe(json);
    }),
  );
});

test("null characters and lone surrogates are replaced in texts and keys", () => {
  const parsed: unknown = JSON.parse(
    String.raw`{"a\u0000b":"c\u0000","\ud800":["\udc00x","\ud83d\ude00"]}`,
  );
  expect(toStorableJson(parsed)).toEqual({ "a\uFFFDb": "c\uFFFD", "\uFFFD": ["\uFFFDx", "😀"] });
});

test("nesting a hundred thousand levels deep is cut instead of overflowing the stack", () => {
  const levels = 100_000;
  for (const deep of [
    "[".repeat(levels) + "]".repeat(levels),
    '{"a":'.repeat(levels) + "1" + "}".repeat(levels),
  ]) {
    const json = JSON.stringify(toStorableJson(JSON.parse(deep)));
    expect(json).toContain(PRUNED_MARKER);
    expect(json.length).toBeLessThan(1000);
  }
});

test("the deepest level that is kept is whole", () => {
  const deep = "[".repeat(STORED_DEPTH_MAX) + "7" + "]".repeat(STORED_DEPTH_MAX);
  expect(JSON.stringify(toStorableJson(JSON.parse(deep)))).toBe(deep);
});

test("prototype keys stay data and pollute nothing", () => {
  const json = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
  const stored = toStorableJson(JSON.parse(json));
  expect(JSON.stringify(stored)).toBe(json);
  expect(Object.getPrototypeOf(stored)).toBe(Object.prototype);
  expect("polluted" in {}).toBe(false);
});

test("a number too large for a double becomes null", () => {
  expect(toStorableJson(JSON.parse("[1e999,-1e999,1e308]"))).toEqual([null, null, 1e308]);
});

test("what JSON cannot say becomes null", () => {
  expect(toStorableJson([undefined, () => 1, 1n, Symbol("s"), Number.NaN])).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});
