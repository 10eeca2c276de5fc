import { expect, test } from "vitest";
import { toToolSchema } from "./tool-schema.ts";

/** As Windmill infers it of a script. */
const SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  order: ["database", "dish", "size", "note"],
  properties: {
    database: { type: "object", format: "resource-postgresql", default: null },
    dish: { type: "string", description: "", default: null, originalType: "string" },
    size: { type: "string", enum: ["small", "large"], description: "How large", format: "" },
    note: { type: "string", enum: null, default: "none" },
  },
  required: ["database", "dish"],
};

test("a model sees a script's arguments without resources and without Windmill's own words", () => {
  expect(toToolSchema(SCHEMA, { database: "$res:f/tools/orders" })).toEqual({
    $schema: SCHEMA.$schema,
    type: "object",
    properties: {
      dish: { type: "string" },
      size: { type: "string", enum: ["small", "large"], description: "How large" },
      note: { type: "string", default: "none" },
    },
    required: ["dish"],
    additionalProperties: false,
  });
});

test("a resource that a script cannot do without must be bound", () => {
  expect(() => toToolSchema(SCHEMA, {})).toThrow(
    expect.objectContaining({
      code: "TOOL_MISCONFIGURED",
      message: expect.stringContaining("database takes a resource"),
    }),
  );
  expect(toToolSchema({ ...SCHEMA, required: [] }, {})).toMatchObject({ required: [] });
});

test("a script without arguments takes none", () => {
  expect(toToolSchema({}, {})).toEqual({
    type: "object",
    properties: {},
    required: [],
    additionalProperties: false,
  });
});

test("an argument may be called like one of Windmill's own words", () => {
  const schema = {
    type: "object",
    properties: { order: { type: "integer" } },
    required: ["order"],
  };

  expect(toToolSchema(schema, {})).toMatchObject({ properties: { order: { type: "integer" } } });
});
