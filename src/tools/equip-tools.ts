import type { AgentTool, AgentTools } from "#agent/agent-tool.ts";
import { type AppError, toAppError } from "#domain/errors.ts";
import { equipTool, type ToolReport } from "./equip-tool.ts";
import type { Integration } from "./tool-source.ts";

/** The tools of an integration that can be offered. */
export type EquippedTools = {
  readonly tools: AgentTools;
  /** What is wrong with one that is left out; null: none is. */
  readonly fault: AppError | null;
};

/**
 * Equips each tool of an integration. One that makes no sense drops only itself.
 * @throws AppError when none is left.
 */
export function equipTools(
  report: ToolReport,
  integration: Integration,
  tools: AgentTools,
): EquippedTools {
  const faults: AppError[] = [];
  const equip = ([name, tool]: readonly [string, AgentTool]) => {
    try {
      return [[name, equipTool(report, integration, tool)] as const];
    } catch (error) {
      faults.push(toAppError(error));
      return [];
    }
  };
  const equipped = Object.entries(tools).flatMap(equip);
  const [fault = null] = faults;
  if (equipped.length === 0 && fault !== null) throw fault;
  return { tools: Object.fromEntries(equipped), fault };
}
