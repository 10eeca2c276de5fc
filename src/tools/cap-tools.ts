import type { AgentTools } from "#agent/agent-tool.ts";
import { jsonSchemaOf } from "#platform/json-schema-of.ts";

/** Of all integrations of a chatbot together: OpenAI takes 128, and no model chooses well among so many. */
export const TOOLS_MAX = 64;
/** Of all descriptions and schemas together: about 25,000 tokens with each request. */
export const CHARACTERS_MAX = 100_000;

/**
 * The tools of each integration that fit into a request to a model. The integrations take turns, so that a
 * server with hundreds of tools leaves room for the others; one tool that is too long drops only itself.
 */
export function capTools(sources: readonly AgentTools[]): readonly AgentTools[] {
  const left = { tools: TOOLS_MAX, characters: CHARACTERS_MAX };
  const kept = sources.map(() => new Set<string>());
  const names = sources.map((tools) => Object.keys(tools));
  const rounds = Math.max(0, ...names.map(({ length }) => length));
  for (let round = 0; round < rounds && left.tools > 0; round += 1)
    for (const [index, tools] of sources.entries()) {
      const name = names[index]?.[round];
      const characters = lengthOf(tools, name);
      if (name === undefined || left.tools === 0 || characters > left.characters) continue;
      left.tools -= 1;
      left.characters -= characters;
      kept[index]?.add(name);
    }
  return sources.map((tools, index) =>
    Object.fromEntries(Object.entries(tools).filter(([name]) => kept[index]?.has(name))),
  );
}

function lengthOf(tools: AgentTools, name = ""): number {
  const tool = tools[name];
  if (tool === undefined) return 0;
  return tool.description.length + JSON.stringify(jsonSchemaOf(tool.inputSchema)).length;
}
