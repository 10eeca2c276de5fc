import { createHash } from "node:crypto";
import { z } from "zod";
import type { AgentTool, ToolOrigin } from "#agent/agent-tool.ts";
import type { CallOutcome } from "#agent/run-tool.ts";
import { AppError, type ErrorCode, toAppError } from "#domain/errors.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import { jsonSchemaOf } from "#platform/json-schema-of.ts";
import { toJsonValue } from "#platform/to-json-value.ts";
import { type ArgumentsCheck, createArgumentsCheck } from "./check-arguments.ts";
import type { Breakers } from "./create-breakers.ts";
import { cutResult } from "./cut-result.ts";
import { createCredentialFilter } from "./hide-credentials.ts";
import type { Integration } from "./tool-source.ts";

/** Where it is told how a tool does. */
export type ToolReport = {
  readonly breakers: Breakers;
  /** Notes the state of its integration; null: it works. */
  readonly note: (errorCode: ErrorCode | null) => void;
};

/** What every provider's `tool_config` may say. */
const ToolConfig = z.looseObject({
  requires_confirmation: z.boolean().optional(),
  record: z.enum(["sealed", "redacted"]).optional(),
  effects: z.enum(["none", "outside"]).optional(),
});

/** Failures that say something of the server, and not of what it was asked. */
const SERVER_FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "TOOL_UNAVAILABLE",
  "TOOL_TIMEOUT",
  "TOOL_OUTCOME_UNKNOWN",
  "TOOL_CREDENTIALS_REFUSED",
  "INTERNAL",
]);

/**
 * A tool of an integration with what all of them have: arguments are checked before it is called, a
 * server that keeps failing is left alone, long results are cut, credentials that a server sends back are
 * blotted out, and the chatbot's configuration decides about confirmation, record and effects.
 * @throws AppError TOOL_MISCONFIGURED
 */
export function equipTool(
  { breakers, note }: ToolReport,
  integration: Integration,
  tool: AgentTool,
): AgentTool {
  const { id, name } = integration;
  const check = checkOf(tool);
  const hide = createCredentialFilter(integration.credentials, integration.settings);
  return {
    ...tool,
    origin: originOf(integration, tool),
    refuse: (input, before) => {
      const refused = refuse(check, input);
      if (refused !== null) return refused;
      // A question is no trial: the one call that a resting server gets is made, or it waits for nothing.
      if (before === "question" ? !breakers.isOpen(id) : breakers.admit(id)) return null;
      return new AppError("TOOL_UNAVAILABLE", `The tool ${name} is out of order at the moment.`);
    },
    execute: async (input, signal, key) => {
      try {
        return cutResult(hide.inJson(toJsonValue(await tool.execute(input, signal, key))));
      } catch (error) {
        throw error instanceof AppError ? hide.inError(error) : error;
      }
    },
    settled: (outcome) => {
      const broken = serverFailure(outcome);
      if (broken === null) breakers.succeeded(id);
      else breakers.failed(id);
      note(broken);
    },
  };
}

function refuse(check: ArgumentsCheck, input: unknown): AppError | null {
  try {
    const mistake = check(input);
    return mistake === null ? null : new AppError("TOOL_ARGUMENTS_INVALID", mistake);
  } catch (error) {
    return toAppError(error); // its schema is none
  }
}

function serverFailure(outcome: CallOutcome): ErrorCode | null {
  if (outcome.status === "success") return null;
  return SERVER_FAILURES.has(outcome.errorCode) ? outcome.errorCode : null;
}

/** Keywords that OpenAI refuses at the top of a schema, and with it the whole request. */
const NOT_AT_THE_TOP = ["anyOf", "oneOf", "allOf", "not", "enum"];

function assertOfferable(schema: JsonObject): void {
  const keyword = NOT_AT_THE_TOP.find((name) => Object.hasOwn(schema, name));
  if (keyword === undefined && schema["type"] === "object") return;
  throw new AppError(
    "TOOL_MISCONFIGURED",
    keyword === undefined
      ? "The parameters of a tool are an object: their schema says so in type."
      : `The parameters of a tool cannot have ${keyword} at the top of their schema.`,
  );
}

/** Its schema decides; what a zod schema demands beyond JSON schema, the tool checks itself. */
function checkOf({ inputSchema }: AgentTool): ArgumentsCheck {
  const schema = jsonSchemaOf(inputSchema);
  assertOfferable(schema);
  return createArgumentsCheck(schema);
}

function originOf(integration: Integration, { origin }: AgentTool): ToolOrigin {
  const { id, provider, settings, toolConfig } = integration;
  const config = ToolConfig.safeParse(toolConfig);
  if (!config.success)
    throw new AppError("TOOL_MISCONFIGURED", `tool_config: ${z.prettifyError(config.error)}`);
  const { requires_confirmation: asks, record, effects } = config.data;
  return {
    type: provider,
    integrationId: id,
    fingerprint: createHash("sha256")
      .update(JSON.stringify([provider, settings, toolConfig]))
      .digest("base64url"),
    // Unless somebody says otherwise, a tool may do something.
    effects: effects ?? origin?.effects ?? "outside",
    ...(origin?.repeatable === true ? { repeatable: true } : {}),
    confirmation: (asks ?? origin?.confirmation === "customer") ? "customer" : "none",
    record: record ?? origin?.record ?? "sealed",
  };
}
