import fc from "fast-check";
import { expect, test } from "vitest";
import { slugify } from "./slugify.ts";

test("names become short names that an address can hold", () => {
  expect(slugify("Café Zürich & Söhne", "x")).toBe("cafe-zurich-sohne");
  expect(slugify("東京パン", "organization-1")).toBe("organization-1");
});

test("every name gives what the database accepts", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (name) => {
      expect(slugify(name, "fallback")).toMatch(/^[a-z0-9][a-z0-9-]*$/);
    }),
  );
});
