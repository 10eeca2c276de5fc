import { Command } from "commander";
import { expect, test } from "vitest";
import { z } from "zod";
import { addFields, collectInput, listFields } from "./option-list.ts";

const input = z.strictObject({
  id: z.string().meta({ positional: true }).describe("What."),
  accessToken: z.string().meta({ secret: true, placeholder: "token" }).describe("Secret."),
  replyDelayMs: z.int().optional().describe("Milliseconds."),
  status: z.enum(["open", "shut"]).default("open").describe("Which."),
  paused: z.boolean().default(false).describe("Only paused ones."),
});
const fields = listFields(input);

async function parse(...argv: string[]): Promise<Record<string, unknown>> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addFields(command, fields);
  command.parse(argv, { from: "user" });
  return collectInput(
    fields,
    { values: command.args, options: command.opts() },
    async ({ value, file }) => file ?? `read ${value}`,
  );
}

test("the schema's fields become arguments and options of the right types", async () => {
  expect(await parse("x", "--access-token", "-", "--reply-delay-ms", "0", "--paused")).toEqual({
    id: "x",
    accessToken: "read -",
    replyDelayMs: 0,
    paused: true,
  });
  expect(await parse("x", "--access-token-file", "f", "--status", "shut")).toEqual({
    id: "x",
    accessToken: "f",
    status: "shut",
  });
});

test("values of the wrong kind are refused", async () => {
  await expect(parse("x", "--reply-delay-ms", "soon")).rejects.toThrow("must be a number");
  await expect(parse("x", "--status", "ajar")).rejects.toThrow("Allowed choices are open, shut");
});

test("the help tells defaults, choices and what is needed", () => {
  const command = new Command("try");
  addFields(command, fields);
  const help = command.helpInformation();
  expect(help).toContain("--access-token <token>");
  expect(help).toMatch(/Secret\. \(needed\)/);
  expect(help).toMatch(/Which\. \(default:\s+open\)/);
});
