import type { AgentTools } from "#agent/agent-tool.ts";
import { AppError } from "#domain/errors.ts";
import type { Clock } from "#platform/clock.ts";
import type { Integration, ToolCaller, ToolServices } from "./tool-source.ts";

export type OpenIntegrationDeps = Pick<ToolServices, "toolProviders"> & { readonly clock: Clock };

/** So long a customer waits for a server to say what it can do. */
const OPEN_TIMEOUT_MS = 10_000;

/** The tools of one integration, by its provider. Throws `AppError`, in any case within ten seconds. */
export async function openIntegration(
  { toolProviders, clock }: OpenIntegrationDeps,
  given: { readonly integration: Integration; readonly caller: ToolCaller },
  signal: AbortSignal,
): Promise<AgentTools> {
  const { integration, caller } = given;
  const open = toolProviders.get(integration.provider);
  if (open === undefined)
    throw new AppError(
      "TOOL_MISCONFIGURED",
      `This version has no tools of the provider ${integration.provider}`,
    );
  const ended = new AbortController();
  const ownSignal = AbortSignal.any([signal, ended.signal]);
  try {
    const opened = await Promise.race([
      open(integration, caller, ownSignal),
      clock.sleep(OPEN_TIMEOUT_MS, ownSignal),
    ]);
    if (opened === undefined)
      throw new AppError(
        "TOOL_TIMEOUT",
        "Its server does not say within 10 seconds what it can do",
      );
    return opened;
  } finally {
    ended.abort();
  }
}
