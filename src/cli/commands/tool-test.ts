import { z } from "zod";
import type { AgentTool, AgentTools } from "#agent/agent-tool.ts";
import { type CallOutcome, refusedOutcome, runTool } from "#agent/run-tool.ts";
import { AppError } from "#domain/errors.ts";
import { defineCommand, type Row } from "./command.ts";
import { getTool, toolReference } from "./find-tool.ts";
import { loadIntegration, openForOperator, operatorAsCaller } from "./open-given-tool.ts";
import { jsonOption, readJsonOption } from "./read-json-option.ts";

/** `tool test`. */
export const toolTest = defineCommand({
  name: "tool test",
  summary:
    "Call a tool with arguments of yours, as a chatbot would; shows the result and the time.",
  details:
    "The call is really made: a tool that books, books. Nobody is asked for confirmation, and nothing is recorded. Ends with 1 when the call fails.",
  examples: [
    `./parley tool test book_table --arguments '{"day":"Monday"}' --phone 15551234567`,
    "./parley tool test crm --call crm_find_contact --arguments-file arguments.json",
  ],
  input: z.strictObject({
    ...toolReference,
    call: z
      .string()
      .optional()
      .meta({ placeholder: "name" })
      .describe("Which of its tools, when it brings several; ./parley tool show names them."),
    arguments: jsonOption("What the model would pass, as a JSON object."),
    phone: z
      .string()
      .regex(/^\d{5,15}$/, "is the digits of a number, such as 15551234567")
      .optional()
      .meta({ placeholder: "digits" })
      .describe("The customer's number, for tools that are told it."),
  }),
  view: { kind: "record" },
  isFailure: (row) => row["status"] !== "success",
  async *run(deps, input) {
    const given = readJsonOption("arguments", input.arguments) ?? {};
    const tool = await getTool(deps, input);
    const integration = await loadIntegration(deps, tool);
    const caller = operatorAsCaller(tool, input.phone);
    const tools = await openForOperator(deps, integration, caller);
    const [name, chosen] = choose(tools, input.call);
    const refusal = chosen.refuse?.(given, "call") ?? null;
    const signal = new AbortController().signal;
    const outcome =
      refusal === null
        ? await runTool(deps.clock, { tool: chosen, input: given, signal })
        : refusedOutcome(refusal);
    yield { tool: name, ...describe(outcome) };
  },
});

function choose(tools: AgentTools, wanted: string | undefined): readonly [string, AgentTool] {
  const entries = Object.entries(tools);
  const found = wanted === undefined && entries.length === 1 ? entries[0] : undefined;
  const chosen = found ?? entries.find(([name]) => name === wanted);
  if (chosen !== undefined) return chosen;
  throw new AppError(
    "INPUT_INVALID",
    entries.length === 0
      ? "It brings no tool that could be called."
      : `Say with --call which one: ${entries.map(([name]) => name).join(", ")}.`,
  );
}

function describe(outcome: CallOutcome): Row {
  const { status, durationMs } = outcome;
  return outcome.status === "success"
    ? { status, durationMs, result: outcome.output }
    : { status, durationMs, errorCode: outcome.errorCode, reason: outcome.reason };
}
