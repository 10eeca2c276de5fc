import { z } from "zod";
import type { AgentTool } from "#agent/agent-tool.ts";
import { AppError } from "#domain/errors.ts";
import type { Clock } from "#platform/clock.ts";
import type { Integration, OpenTools } from "#tools/tool-source.ts";

/**
 * Tools that Parley brings along, by the name of their integration's `settings.tool`, or its own.
 * `search_knowledge_base` needs no row: it is there as soon as the chatbot has documents.
 */
export function createBuiltinTools(deps: { readonly clock: Clock }): OpenTools {
  return async (integration) => {
    const { tool } = Settings.parse(integration.settings);
    const name = tool ?? integration.name;
    if (name === "search_knowledge_base") return {};
    if (name === "current_time")
      return { [integration.name]: createCurrentTime(deps, integration) };
    throw new AppError(
      "TOOL_MISCONFIGURED",
      `There is no built-in tool ${name}. There are current_time and search_knowledge_base.`,
    );
  };
}

const Settings = z.looseObject({ tool: z.string().optional(), time_zone: z.string().optional() });

/** Models do not know what day it is. */
function createCurrentTime(
  { clock }: { readonly clock: Clock },
  { id, settings, description }: Integration,
): AgentTool {
  const timeZone = Settings.parse(settings).time_zone ?? "UTC";
  const format = openFormat(timeZone);
  return {
    description:
      description ||
      "Tells the present date, weekday and time at the business, for questions about today, opening hours or deadlines.",
    inputSchema: z.object({}),
    execute: async () => ({ timeZone, now: format.format(clock.now()) }),
    origin: {
      type: "builtin",
      integrationId: id,
      effects: "none",
      confirmation: "none",
      record: "sealed",
    },
  };
}

function openFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "full", timeStyle: "long" });
  } catch (cause) {
    throw new AppError("TOOL_MISCONFIGURED", `There is no time zone ${timeZone}`, { cause });
  }
}
