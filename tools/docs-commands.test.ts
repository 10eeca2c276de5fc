import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { ALL_COMMANDS } from "../src/cli/commands/all-commands.ts";
import { runProgram } from "../src/cli/program.ts";
import { PROJECT_FOLDER } from "../src/config.ts";
import { AppError } from "../src/domain/errors.ts";

const PAGES = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  ".env.example",
  ...readdirSync(join(PROJECT_FOLDER, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
].toSorted();

/** Thrown where a command would begin, so that nothing is opened: what came so far was understood. */
const UNDERSTOOD = "understood";

const called = PAGES.flatMap((page) => linesOf(page).map((line) => ({ page, line })));

test("the pages name commands", () => {
  expect(called.length).toBeGreaterThan(60);
});

test.each(called)("$page: ./parley $line is understood by the program", async ({ line }) => {
  const output = await runCommandLine(line.split(/\s+/));
  // Prose names a command without what it is about.
  const expected = isNameOnly(line) ? /understood|missing required argument/ : /understood/;
  expect(output).toMatch(expected);
});

test("a command or an option that does not exist is noticed", async () => {
  expect(await runCommandLine(["chatbot", "make"])).not.toMatch(UNDERSTOOD);
  expect(await runCommandLine(["chatbot", "list", "--colour"])).not.toMatch(UNDERSTOOD);
  expect(await runCommandLine(["turns", "list", "--status", "lost"])).not.toMatch(UNDERSTOOD);
});

test("every command is in docs/QUICK_REFERENCE.md", () => {
  const lines = called
    .filter(({ page }) => page === "docs/QUICK_REFERENCE.md")
    .map(({ line }) => line);
  const missing = ALL_COMMANDS.filter(
    ({ name, isInternal }) =>
      isInternal !== true && !lines.some((line) => line === name || line.startsWith(`${name} `)),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});

/** What follows `./parley` in a page; a line that ends in `…` or stands for any command is no call. */
function linesOf(page: string): readonly string[] {
  const text = readFileSync(join(PROJECT_FOLDER, page), "utf8")
    .replaceAll(/\\\n\s*/g, " ") // a command over several lines
    .replaceAll(/"[^"\n]*"/g, "text")
    .replaceAll(/<[^>\n]+>/g, "placeholder");
  return [...text.matchAll(/\.\/parley ([^\n`|;&#)]+)/g)]
    .map(([, line = ""]) => line.trim().replace(/[.:,]$/, ""))
    .filter((line) => !/^(…|placeholder)/.test(line));
}

const isNameOnly = (line: string): boolean => ALL_COMMANDS.some(({ name }) => name === line);

/** Everything that the program says to a command line, up to where it would begin to work. */
async function runCommandLine(words: readonly string[]): Promise<string> {
  const said = new PassThrough({ encoding: "utf8" });
  const secret = join(PROJECT_FOLDER, "package.json"); // any file that can be read
  const typed = words.map((word) => (word.endsWith(".txt") ? secret : word));
  const stop = (): never => {
    throw new AppError("NOT_FOUND", UNDERSTOOD);
  };
  await runProgram(typed, {
    version: "0",
    readConfig: stop,
    openPlatform: stop,
    preparePlatform: stop,
    startApp: stop,
    stdin: new PassThrough().end("secret"),
    stdout: said,
    stderr: said,
  });
  said.end();
  return said.toArray().then((chunks) => chunks.join(""));
}
