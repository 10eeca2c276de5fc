import { z } from "zod";
import { defineCommand } from "./command.ts";
import { toolReference } from "./find-tool.ts";
import { switchGivenTool } from "./switch-tool.ts";

/** `tool enable`. */
export const toolEnable = defineCommand({
  name: "tool enable",
  summary: "Let a chatbot use a tool again.",
  examples: ["./parley tool enable book_table --chatbot Support"],
  input: z.strictObject(toolReference),
  view: { kind: "record" },
  async *run(deps, input) {
    yield await switchGivenTool(deps, input, "on");
  },
});
