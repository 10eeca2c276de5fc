import { z } from "zod";
import { graphError, type GraphError } from "./graph-error.ts";
import { outboundSchema, type OutboundMessage } from "./outbound-schema.ts";

/** The message, or the error Meta would answer. */
export type ParsedOutbound = { readonly message: OutboundMessage } | { readonly error: GraphError };

/**
 * Checks a message against WhatsApp's limits. Meta's `type` defaults to text. Missing parameters
 * are 131008, unknown ones and texts that are too long 100, other bad values 131009.
 */
export function parseOutbound(body: unknown): ParsedOutbound {
  const raw = z.looseObject({ type: z.string().optional() }).safeParse(body);
  if (!raw.success)
    return { error: graphError(400, 100, "The request body is not a JSON object.") };
  const parsed = outboundSchema.safeParse({ ...raw.data, type: raw.data.type ?? "text" });
  if (!parsed.success) return { error: toGraphError(parsed.error, body) };
  if (parsed.data.to === undefined && parsed.data.recipient === undefined) {
    return { error: graphError(400, 131_008, "The parameter to is required.") };
  }
  return { message: parsed.data };
}

function toGraphError(error: z.ZodError, body: unknown): GraphError {
  const issue = error.issues[0];
  if (issue === undefined) return graphError(400, 131_009);
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const key = [...issue.path.map(String), issue.keys[0] ?? ""].join(".");
    return graphError(400, 100, `Unexpected key "${key}".`);
  }
  if (valueAt(body, issue.path) === undefined) {
    return graphError(400, 131_008, `The parameter ${path} is required.`);
  }
  if (issue.code === "too_big" && path === "text.body") {
    return graphError(400, 100, "Param text['body'] must be at most 4096 characters long.");
  }
  return graphError(400, 131_009, `${path}: ${issue.message}`);
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
