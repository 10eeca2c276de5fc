import { expect, test } from "vitest";
import { z } from "zod";
import { jsonSchemaOf } from "./json-schema-of.ts";

test("objects of a zod schema take no other properties, however deep they lie", () => {
  const schema = z.object({
    rows: z.array(z.object({ id: z.string().describe("Which") })),
    free: z.record(z.string(), z.number()),
    limit: z.number().default(5),
  });

  expect(jsonSchemaOf(schema)).toMatchObject({
    type: "object",
    additionalProperties: false,
    required: ["rows", "free"],
    properties: {
      rows: {
        items: {
          additionalProperties: false,
          properties: { id: { type: "string", description: "Which" } },
        },
      },
      free: { additionalProperties: { type: "number" } },
    },
  });
});

test("the JSON schema of a zod schema is made once, any other stays as it is", () => {
  const schema = z.object({});
  const jsonSchema = { type: "object", properties: {}, additionalProperties: true };

  expect(jsonSchemaOf(schema)).toBe(jsonSchemaOf(schema));
  expect(jsonSchemaOf({ jsonSchema })).toBe(jsonSchema);
});
