import type { z } from "zod";
import type { Config } from "#config.ts";
import { AppError } from "#domain/errors.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { Hearing } from "#open-hearing.ts";
import type { KnowledgeServices } from "#open-knowledge.ts";
import type { Clock } from "#platform/clock.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { Logger } from "#platform/logger.ts";
import type { LanguageModels } from "#providers/language-models/language-models.ts";
import type { WhatsAppClient } from "#providers/whatsapp/whatsapp-client.ts";
import type { Database } from "#store/database.ts";
import type { ToolServices } from "#tools/tool-source.ts";
import { parseInput } from "./parse-input.ts";

/** What commands work with: an open platform, in this process or in the running one. */
export type CommandDeps = {
  readonly config: Config;
  readonly database: Database;
  readonly keyRing: KeyRing;
  readonly models: Pick<LanguageModels, "get">;
  readonly whatsApp: Pick<WhatsAppClient, "fetchNumberHealth" | "sendMessage">;
  readonly knowledge: KnowledgeServices;
  readonly tools: ToolServices;
  readonly hearing: Hearing;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** One result: a line of `--json`, or a row of a table. Never holds a secret or what people wrote, but for notes to colleagues. */
export type Row = { readonly [field: string]: JsonValue };

/** What a command says beside its results: it goes to standard error. */
export type Notice = (sentence: string) => void;

/** How people see the rows; `--json` shows all of every row. */
export type View =
  | {
      readonly kind: "table";
      readonly columns: readonly string[];
      readonly whenEmpty: string;
      /** Rows that nobody may overlook: they come last, where a terminal shows them. */
      readonly isLast?: (row: Row) => boolean;
      /** A line below, for what somebody would count by hand; null: none. */
      readonly footer?: (rows: readonly Row[]) => string | null;
    }
  | { readonly kind: "record" }
  | { readonly kind: "lines"; readonly line: (row: Row) => string };

/** What a composed command works with, in the process that was called. */
export type Caller = {
  /** Runs another command where the data is. */
  readonly call: (command: Command, input: JsonValue) => AsyncIterable<Row>;
  readonly notice: Notice;
  /** Shows a line in place of the last one, while somebody watches; an empty one removes it. */
  readonly progress: (line: string) => void;
};

/** One command, however it is reached: from this process, or through the running one. */
export type Command = {
  /** As it is typed: `chatbot create`. */
  readonly name: string;
  /** One sentence for the list of commands. */
  readonly summary: string;
  /** More help: what it does, in paragraphs. */
  readonly details?: string;
  readonly examples: readonly string[];
  /**
   * A strict object. Its descriptions are the help; `replyDelayMs` becomes `--reply-delay-ms`. In
   * `.meta()` of a field, `positional` means that it is typed without a name, `secret` that it may
   * also come from standard input or a file (`neverTyped`: only from there), and `placeholder` stands
   * for it in the help.
   */
  readonly input: z.ZodObject;
  readonly view: View;
  /** Another view, for some of the options that were typed. */
  readonly viewFor?: (options: Readonly<Record<string, unknown>>) => View | null;
  /** Not typed by people: a composed command calls it. */
  readonly isInternal?: boolean;
  /** Runs where it was typed, as where the files are that it names, and calls other commands. */
  readonly compose?: (caller: Caller, input: JsonValue) => AsyncIterable<Row>;
  /** A question that is asked before it runs: for what cannot be undone. */
  readonly confirmation?: string;
  /** Rows that make the command end with 1. */
  readonly isFailure?: (row: Row) => boolean;
  /** `alone`: not while another process has the embedded database open. */
  readonly reach?: "anywhere" | "alone";
  /** For commands that make, mend or explain the schema. */
  readonly schema?: "must be up to date" | "may be missing";
  /** The settings that it runs with, where its input says otherwise than the environment. */
  readonly configFor?: (config: Config, input: Readonly<Record<string, unknown>>) => Config;
  readonly run: (
    deps: CommandDeps,
    input: JsonValue,
    notice: Notice,
  ) => AsyncIterable<Row> | Promise<AsyncIterable<Row>>;
};

/** Defines a command that is composed of others. */
export function defineComposedCommand<Input extends z.ZodObject>(
  command: Omit<Command, "input" | "run" | "compose"> & {
    readonly input: Input;
    readonly compose: (caller: Caller, input: z.infer<Input>) => AsyncIterable<Row>;
  },
): Command {
  return {
    ...command,
    compose: (caller, input) => command.compose(caller, parseInput(command.input, input)),
    run: () => Promise.reject(new AppError("INTERNAL", "This command runs where it is typed")),
  };
}

/** Defines a command, with its input parsed. */
export function defineCommand<Input extends z.ZodObject>(
  command: Omit<Command, "input" | "run"> & {
    readonly input: Input;
    readonly run: (deps: CommandDeps, input: z.infer<Input>, notice: Notice) => AsyncIterable<Row>;
  },
): Command {
  return {
    ...command,
    run: (deps, input, notice) => command.run(deps, parseInput(command.input, input), notice),
  };
}
