import { z } from "zod";
import type { AgentTool } from "#agent/agent-tool.ts";
import { AppError } from "#domain/errors.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import type { GuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { withoutBound } from "#tools/bind-arguments.ts";
import { assertArgumentsSchema } from "#tools/check-arguments.ts";
import type { OpenTools } from "#tools/tool-source.ts";
import { authorize } from "./authorize.ts";
import { buildRequest } from "./build-request.ts";
import { readCallerFields } from "./caller-fields.ts";
import { readHttpSettings } from "./http-settings.ts";
import { readAnswer } from "./read-answer.ts";

/** Shorter than a tool's own limit, so that this failure has a name of its own. */
const ANSWER_TIMEOUT_MS = 25_000;

/**
 * A tool that is one HTTP request: a template in `settings`, parameters as JSON schema in
 * `tool_config.parameters` (or `settings.parameters`). Opening it contacts nobody.
 */
export function createHttpTools(deps: {
  readonly requests: Pick<GuardedRequests, "send">;
}): OpenTools {
  return async (integration, caller) => {
    const settings = readHttpSettings(integration);
    assertArgumentsSchema(settings.parameters); // says what is wrong with them now
    const authorization = authorize(settings, integration.credentials);
    const fields = readCallerFields(caller);
    const { effects } = settings;
    const tool: AgentTool = {
      description: integration.description || `Calls ${integration.name}.`,
      inputSchema: { jsonSchema: withoutBound(settings.parameters, settings.bound) },
      execute: async (input, signal) => {
        const request = buildRequest(settings, { input: Input.parse(input), caller: fields });
        const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
        try {
          const answer = await deps.requests.send({
            ...request,
            headers: { ...request.headers, ...authorization },
            signal: AbortSignal.any([signal, timeout]),
          });
          return await readAnswer(answer, effects);
        } catch (error) {
          if (timeout.aborted && !signal.aborted)
            throw new AppError(
              "TOOL_TIMEOUT",
              `The tool's server gave no answer within ${ANSWER_TIMEOUT_MS / 1_000} seconds.`,
              { cause: error },
            );
          throw error;
        }
      },
      origin: {
        type: "http",
        integrationId: integration.id,
        effects,
        confirmation: "none",
        record: "sealed",
      },
    };
    return { [integration.name]: tool };
  };
}

const Input: z.ZodType<JsonObject> = z.record(z.string(), z.json());
