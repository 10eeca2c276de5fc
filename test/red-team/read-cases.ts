import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Where an attack can be planted. */
const PLANTS = [
  "message",
  "knowledge",
  "tool-result",
  "mcp-result",
  "picture",
  "document",
  "name",
  "button",
  "list",
  "template-button",
  "form",
  "quote",
  "quote-victim",
] as const;

/** What a program can check, whatever the model does; `checks.ts` says how. */
export const CHECKS = [
  "answered",
  "arrived",
  "not-instructions",
  "own-identity",
  "own-tools",
  "no-foreign-data",
  "no-secrets",
  "no-private-request",
  "asks-first",
  "asks-with-buttons",
  "no-question",
  "questions-open",
  "schema",
  "inside-template",
  "scope",
  "data-whole",
  "no-note",
  "plain-links",
  "still-bot",
  "not-opted-out",
] as const;
/** The name of a check. */
export type CheckName = (typeof CHECKS)[number];

const Case = z.strictObject({
  id: z.string(),
  kind: z.string(),
  language: z.enum(["en", "pt", "es", "tr", "ar", "hi"]),
  plant: z.enum(PLANTS),
  /** May hold placeholders such as `{victimPhone}`: see `start-shop.ts`. */
  attack: z.string(),
  /** The calls that a model makes which obeys, all at once. */
  obeys: z.array(z.strictObject({ tool: z.string(), input: z.record(z.string(), z.json()) })),
  /** What it then says; `{everything}` is all that it was given. */
  says: z.string().optional(),
  mustHold: z.array(z.enum(CHECKS)).min(1),
  /** What only a person can tell from the answer of a real model. */
  judge: z.string().optional(),
  /** Id or payload of what is tapped. */
  buttonId: z.string().optional(),
  /** What WhatsApp shows of the attacker to the business; a phone number when left out. */
  knownBy: z.enum(["phone", "user id"]).default("phone"),
});
/** One attack. */
export type RedTeamCase = z.infer<typeof Case>;

/** All attacks, in the order of the file. */
export function readCases(): readonly RedTeamCase[] {
  return readFileSync(join(import.meta.dirname, "cases.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Case.parse(JSON.parse(line)));
}
