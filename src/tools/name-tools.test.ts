import { expect, test } from "vitest";
import { z } from "zod";
import { nameTools } from "./name-tools.ts";

const toolsOf = (...names: string[]) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      { description: name, inputSchema: z.object({}), execute: async () => null },
    ]),
  );
const namesOf = (sources: Parameters<typeof nameTools>[0]) => Object.keys(nameTools(sources));

test("a single tool keeps its name, several begin with the name of their source", () => {
  expect(
    namesOf([
      { prefix: "hubspot_lookup", tools: toolsOf("find") },
      { prefix: "shop", tools: toolsOf("shop_find", "order") },
    ]),
  ).toEqual(["find", "shop_find", "shop_order"]);
});

test("names are unique, allowed and not those of the platform", () => {
  const long = "a".repeat(80);
  const names = namesOf([
    { prefix: "a", tools: toolsOf("find hours!") },
    { prefix: "b", tools: toolsOf("find_hours_") },
    { prefix: "c", tools: toolsOf("search_knowledge_base") },
    { prefix: "d", tools: toolsOf(long) },
    { prefix: "e", tools: toolsOf(long) },
  ]);
  expect(new Set(names).size).toBe(5);
  for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  expect(names).not.toContain("search_knowledge_base");
});
