import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import type { Clock } from "#platform/clock.ts";
import type { GuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { runScript, type ScriptOutcome } from "#providers/windmill/run-script.ts";
import { createWindmillClient, type WindmillClient } from "#providers/windmill/windmill-client.ts";
import { assertBound, fillArguments } from "#tools/bind-arguments.ts";
import type { OpenTools, ToolCaller } from "#tools/tool-source.ts";
import { jobIdOf } from "./job-id.ts";
import {
  type PlatformWindmill,
  readWindmillSettings,
  type WindmillSettings,
} from "./read-windmill-settings.ts";
import { assertFilledHarmlessly, assertHarmless } from "./references.ts";
import { createScriptCache } from "./script-cache.ts";
import { toToolSchema } from "./tool-schema.ts";

export type WindmillToolsDeps = {
  readonly platform: PlatformWindmill;
  /** Who reaches the platform's Windmill, and who those that tenants name. */
  readonly requests: Readonly<Record<WindmillSettings["owner"], Pick<GuardedRequests, "send">>>;
  readonly clock: Clock;
};

/**
 * A script of Windmill as a tool, under the integration's name, with the script's own schema. A call
 * becomes one job, however often it is made: its id follows from the turn and the call.
 */
export function createWindmillTools({ platform, requests, clock }: WindmillToolsDeps): OpenTools {
  const findScript = createScriptCache(clock);
  return async (integration, caller, signal) => {
    const settings = readWindmillSettings(platform, integration);
    const { server, scriptPath: path, bound } = settings;
    assertBound(bound); // says now what is wrong with them
    const client = createWindmillClient(requests[settings.owner], server);
    const script = await findScript({ client, server, path }, signal);
    return {
      [integration.name]: {
        description:
          integration.description || script.description || script.summary || integration.name,
        inputSchema: { jsonSchema: toToolSchema(settings.parameters ?? script.schema, bound) },
        execute: (input, callSignal, callKey) =>
          call({ client, clock, settings, caller, callKey }, Input.parse(input), callSignal),
        origin: {
          type: "windmill",
          integrationId: integration.id,
          effects: settings.effects ?? "outside",
          // A call that is made again after a crash finds its first job.
          repeatable: true,
          confirmation: "none",
          record: "sealed",
        },
      },
    };
  };
}

const Input: z.ZodType<JsonObject> = z.record(z.string(), z.json());

type Call = {
  readonly client: WindmillClient;
  readonly clock: Clock;
  readonly settings: WindmillSettings;
  readonly caller: ToolCaller;
  readonly callKey: string | undefined;
};

async function call(
  { client, clock, settings, caller, callKey }: Call,
  input: JsonObject,
  signal: AbortSignal,
): Promise<unknown> {
  const { scriptPath: path, tag, timeoutMs, bound } = settings;
  assertHarmless(input);
  const filled = fillArguments(input, bound, caller);
  assertFilledHarmlessly(bound, filled);
  const run = { path, tag, jobId: jobIdOf(caller.turnId, callKey), arguments: filled };
  // A turn that is stopped in the middle is resumed, and finds its job again.
  const onAbort = caller.turnId !== undefined && callKey !== undefined ? "leave" : "cancel";
  const outcome = await runScript({ client, clock, timeoutMs, onAbort }, run, signal).catch(
    (error: unknown) => {
      throw ofEffects(settings, error);
    },
  );
  return read(settings, outcome);
}

/** Of a script that changes nothing, it does not matter whether it ran. */
function ofEffects({ effects }: WindmillSettings, error: unknown): unknown {
  if (effects !== "none" || !(error instanceof AppError) || error.code !== "TOOL_OUTCOME_UNKNOWN")
    return error;
  return new AppError("TOOL_UNAVAILABLE", "Windmill does not tell the script's result.", {
    cause: error,
  });
}

/** As Windmill wraps what a script throws. */
const Failure = z.looseObject({
  error: z.looseObject({ name: z.string().default(""), message: z.string().default("") }),
});
/** Before credentials are taken out and it is cut. */
const FAILURE_LENGTH_MAX = 20_000;

function read({ timeoutMs, effects }: WindmillSettings, outcome: ScriptOutcome): unknown {
  const seconds = Math.round(timeoutMs / 1_000);
  switch (outcome.kind) {
    case "succeeded":
      return outcome.result ?? null;
    case "failed":
      throw new AppError("TOOL_REQUEST_REJECTED", `The script failed: ${reasonOf(outcome.result)}`);
    case "never-begun":
      throw new AppError(
        "TOOL_UNAVAILABLE",
        `Nobody was free to run the script within ${seconds} seconds. It was not run.`,
      );
    case "interrupted":
      if (effects === "none")
        throw new AppError("TOOL_TIMEOUT", `The script took longer than ${seconds} seconds.`);
      throw new AppError(
        "TOOL_OUTCOME_UNKNOWN",
        `The script took longer than ${seconds} seconds and was stopped in the middle: nobody knows how far it came.`,
      );
  }
}

function reasonOf(result: unknown): string {
  const failure = Failure.safeParse(result).data?.error;
  const text = failure === undefined ? JSON.stringify(result ?? null) : failure.message;
  return text.slice(0, FAILURE_LENGTH_MAX) || "it gives no reason";
}
