import type { Readable, Writable } from "node:stream";
import { Command as Commander, CommanderError, Option } from "commander";
import type { Config } from "#config.ts";
import type { Platform } from "#open-platform.ts";
import { ALL_COMMANDS } from "./commands/all-commands.ts";
import type { Command, Row } from "./commands/command.ts";
import { doctor } from "./commands/doctor.ts";
import { confirm } from "./confirm.ts";
import { diagnose } from "./diagnose.ts";
import { explainFailure } from "./explain-failure.ts";
import { cutEnd } from "./format-table.ts";
import { addFields, collectInput, type InputField, listFields } from "./option-list.ts";
import { createJsonPrinter, createTextPrinter } from "./print-rows.ts";
import { readSecret } from "./read-secret.ts";
import { runCommand } from "./run-command.ts";

/** The ways to run the product. */
export type Role = "start" | "serve" | "work";

/** What the program is given by main.ts. */
export type ProgramDeps = {
  readonly version: string;
  /** Reads the settings; not before they are needed, so that `--help` works with wrong ones. */
  readonly readConfig: () => Config;
  readonly openPlatform: (config: Config) => Promise<Platform>;
  readonly preparePlatform: (platform: Platform) => Promise<void>;
  /** Runs the product; resolves when it has stopped. */
  readonly startApp: (role: Role, config: Config) => Promise<void>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
};

const EXIT_FAILURE = 1;
/** What was typed cannot be understood or used. */
const EXIT_USAGE = 2;

const ROLES: ReadonlyArray<{ readonly role: Role; readonly summary: string }> = [
  { role: "start", summary: "Run everything in one process: webhooks, turns and the simulator." },
  { role: "serve", summary: "Run the part that takes webhooks; needs a database server." },
  { role: "work", summary: "Run a worker that answers; needs a database server." },
];

const GROUPS: Readonly<Record<string, string>> = {
  organization: "Organizations: the tenants of this platform.",
  chatbot: "Chatbots: what answers on a WhatsApp number.",
  prompt: "Instructions: what a chatbot is told, in versions: edit, publish, roll back.",
  knowledge: "Knowledge: the documents that a chatbot answers from.",
  tool: "Tools: what a chatbot can do besides talking: add, test, switch off.",
  turns: "Turns: runs that answer messages; see and retry them.",
  conversation: "Conversations: see what one waits for, pause and resume the bot.",
  secrets: "Secrets: seal them under a new key.",
  database: "The database for development and tests: create, seed, drop, reset, verify.",
};

/**
 * Runs one command line.
 * @param argv without the program's own two, as in `["chatbot", "list", "--json"]`.
 * @returns the exit code: 0 only on success, 2 when the command line cannot be used.
 */
export async function runProgram(argv: readonly string[], deps: ProgramDeps): Promise<number> {
  let exitCode = 0;
  const program = createCommander(deps);
  for (const { role, summary } of ROLES)
    program
      .command(role)
      .description(summary)
      .action(() => deps.startApp(role, deps.readConfig()));
  for (const command of ALL_COMMANDS.filter(({ isInternal }) => isInternal !== true))
    addCommand(program, command, async (typed) => {
      exitCode = await execute(deps, command, typed);
    });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    const failure = explainFailure(error);
    deps.stderr.write(`parley: ${failure.message} (${failure.code})\n`);
    if (failure.code === "INTERNAL") deps.stderr.write(`${stackOf(failure.cause)}\n`);
    return failure.code === "INPUT_INVALID" ? EXIT_USAGE : EXIT_FAILURE;
  }
}

function createCommander(deps: ProgramDeps): Commander {
  const program = new Commander("parley")
    .description("Parley: WhatsApp chatbots; a message in, exactly one right answer out.")
    .version(deps.version, "--version", "Print the version.")
    .helpOption("-h, --help", "Show this help.")
    .helpCommand("help [command]", "Show the help of a command.")
    .showHelpAfterError("(--help shows how it is used)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => deps.stdout.write(text),
      writeErr: (text) => deps.stderr.write(text),
    })
    .addHelpText(
      "after",
      `
Settings come from the environment and from .env in the project's folder; .env.example explains them.
Every command works while the product runs. With --json, results are one JSON object a line on standard
output, and everything else is on standard error.`,
    );
  return program;
}

function findOrAddGroup(program: Commander, name: string): Commander {
  return (
    program.commands.find((command) => command.name() === name) ??
    program
      .command(name)
      .description(GROUPS[name] ?? "")
      .helpCommand(false)
  );
}

/** What was typed after the command's name. */
type Typed = {
  readonly fields: readonly InputField[];
  readonly values: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
};

function addCommand(
  program: Commander,
  command: Command,
  action: (typed: Typed) => Promise<void>,
): void {
  const [first = "", verb] = command.name.split(" ");
  const group = verb === undefined ? program : findOrAddGroup(program, first);
  const fields = listFields(command.input);
  const made = group
    .command(verb ?? first)
    .summary(command.summary)
    .description([command.summary, command.details].filter(Boolean).join("\n\n"))
    .helpOption("-h, --help", "Show this help.")
    .addHelpText("after", `\nExamples:\n${command.examples.map((line) => `  ${line}`).join("\n")}`);
  addFields(made, fields);
  made.addOption(new Option("--json", "Print results as one JSON object a line."));
  if (command.confirmation !== undefined)
    made.addOption(new Option("--yes", "Do it without asking."));
  made.action(() => action({ fields, values: made.args, options: made.opts() }));
}

async function execute(deps: ProgramDeps, command: Command, typed: Typed): Promise<number> {
  const input = await collectInput(typed.fields, typed, (secret) => readSecret(deps.stdin, secret));
  const notice = (sentence: string): void => void deps.stderr.write(`note: ${sentence}\n`);
  const progress = (line: string): void =>
    void (
      deps.stderr.isTTY === true &&
      // A longer line would wrap, and its beginning would never be removed.
      deps.stderr.write(`\r\u001b[K${cutEnd(line, (columnsOf(deps.stderr) ?? 80) - 1)}`)
    );
  const run = (config: Config): AsyncIterable<Row> =>
    runCommand({ ...deps, config, notice, progress }, command, input);
  if (command.name === doctor.name)
    return print(deps, { command, typed }, diagnose(deps.readConfig, run));
  const config = deps.readConfig();
  if (command.confirmation !== undefined && typed.options["yes"] !== true)
    await confirm(deps, command.confirmation);
  return print(deps, { command, typed }, run(config));
}

/** Prints rows as they come; returns the exit code. */
async function print(
  deps: ProgramDeps,
  asked: { readonly command: Command; readonly typed: Typed },
  rows: AsyncIterable<Row>,
): Promise<number> {
  const { command, typed } = asked;
  let isOpen = true; // until whoever reads the output has enough, such as `head`
  deps.stdout.once("error", () => {
    isOpen = false;
  });
  const write = (text: string): void => void deps.stdout.write(text);
  const printer =
    typed.options["json"] === true
      ? createJsonPrinter(write)
      : createTextPrinter(
          command.viewFor?.(typed.options) ?? command.view,
          write,
          columnsOf(deps.stdout),
        );
  let exitCode = 0;
  for await (const row of rows) {
    if (!isOpen) break;
    printer.row(row);
    if (command.isFailure?.(row) === true) exitCode = EXIT_FAILURE;
  }
  printer.end();
  return exitCode;
}

/** Columns of a terminal; null for a file or a pipe. */
function columnsOf(stream: Writable): number | null {
  const columns = "columns" in stream ? Number(stream.columns) : 0;
  return columns > 0 ? columns : null;
}

/** Where something unforeseen happened; not its message, which may quote what somebody wrote. */
function stackOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return stack
    .split("\n")
    .filter((line) => line.startsWith("    at "))
    .slice(0, 8)
    .join("\n");
}
