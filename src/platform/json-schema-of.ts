import { z } from "zod";
import type { JsonObject } from "#domain/webhook-event.ts";
import { toJsonValue } from "./to-json-value.ts";

/** What a value must be: a zod schema, which also checks it, or a JSON schema that somebody else checks. */
export type ValueSchema = z.ZodType | { readonly jsonSchema: JsonObject };

/**
 * A schema as JSON schema (draft 7, which all providers of models read). Objects take no other properties,
 * as OpenAI demands. That of a zod schema is made once.
 */
export function jsonSchemaOf(schema: ValueSchema): JsonObject {
  if ("jsonSchema" in schema) return schema.jsonSchema;
  const made = kept.get(schema) ?? describe(schema);
  kept.set(schema, made);
  return made;
}

const kept = new WeakMap<z.ZodType, JsonObject>();

function describe(schema: z.ZodType): JsonObject {
  const described = z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.type === "object") jsonSchema.additionalProperties ??= false;
    },
  });
  return SchemaObject.parse(toJsonValue(described));
}

const SchemaObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());
