import { AppError } from "#domain/errors.ts";
import type { AgentTools } from "./agent-tool.ts";
import type { KnownCall } from "./call-tool.ts";

/** Takes anything: what was passed was checked when the call was made. */
const ANY_INPUT = { jsonSchema: { type: "object" } };

/**
 * Stand-ins for the tools that earlier attempts of a turn have called, for those of them that are gone by
 * now: the stored calls must find their tool, or the model would be told that there is none although
 * something was done. A new call of one is refused.
 */
export function goneTools(known: readonly KnownCall[]): AgentTools {
  return Object.fromEntries(
    known.map(({ facts: { name } }) => {
      const gone = new AppError("TOOL_UNAVAILABLE", `The tool ${name} is not available any more.`);
      return [
        name,
        {
          description: "Not available any more.",
          inputSchema: ANY_INPUT,
          execute: () => Promise.reject(gone),
          refuse: () => gone,
        },
      ];
    }),
  );
}
