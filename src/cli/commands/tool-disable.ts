import { z } from "zod";
import { defineCommand } from "./command.ts";
import { toolReference } from "./find-tool.ts";
import { switchGivenTool } from "./switch-tool.ts";

/** `tool disable`. */
export const toolDisable = defineCommand({
  name: "tool disable",
  summary: "Take a tool from a chatbot for now; its settings stay.",
  examples: ["./parley tool disable book_table --chatbot Support"],
  input: z.strictObject(toolReference),
  view: { kind: "record" },
  async *run(deps, input) {
    yield await switchGivenTool(deps, input, "off");
  },
});
