import type { Config } from "#config.ts";
import { AppError } from "#domain/errors.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import type { Platform } from "#open-platform.ts";
import { connectToDataFolder, lockDataFolder } from "#platform/data-folder.ts";
import type { Command, Notice, Row } from "./commands/command.ts";
import { parseInput } from "./commands/parse-input.ts";
import { callRunningProcess } from "./control-client.ts";

export type RunCommandDeps = {
  readonly config: Config;
  /** Opens the database and the clients; the schema may still be missing. */
  readonly openPlatform: (config: Config) => Promise<Platform>;
  /**
   * Makes sure that the schema is up to date (on the embedded database by migrating it) and that the
   * key ring fits.
   */
  readonly preparePlatform: (platform: Platform) => Promise<void>;
  readonly notice: Notice;
  /** See `Caller`. */
  readonly progress: (line: string) => void;
};

/**
 * Runs a command where the data is: with a database server in this process; with the embedded
 * database in the process that has it open, or in this one when none has.
 * @throws AppError INPUT_INVALID before anything is opened, and whatever the command throws.
 */
export async function* runCommand(
  deps: RunCommandDeps,
  command: Command,
  input: JsonValue,
): AsyncGenerator<Row> {
  const parsed = parseInput(command.input, input);
  const config = command.configFor?.(deps.config, parsed) ?? deps.config;
  if (command.compose !== undefined) {
    await using way = openWay({ ...deps, config });
    const { notice, progress } = deps;
    yield* command.compose({ call: way.call, notice, progress }, input);
    return;
  }
  if (config.DATABASE_URL !== undefined) {
    yield* runHere({ ...deps, config }, command, input);
    return;
  }
  const entry = await enterDataFolder(config.DATA_DIR, command.reach ?? "anywhere");
  if ("socket" in entry) {
    yield* callRunningProcess(entry.socket, { command: command.name, input }, deps.notice);
    return;
  }
  try {
    yield* runHere({ ...deps, config }, command, input);
  } finally {
    await entry.lock.release();
  }
}

/** The way to the data for several calls: opened by the first, closed with the last. */
function openWay(deps: RunCommandDeps): {
  readonly call: (command: Command, input: JsonValue) => AsyncGenerator<Row>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
} {
  const stack = new AsyncDisposableStack();
  let opened: Promise<Platform> | null = null;
  const open = async (): Promise<Platform> => {
    const platform = await deps.openPlatform(deps.config);
    stack.defer(platform.close);
    await deps.preparePlatform(platform);
    return platform;
  };
  const call = async function* (command: Command, input: JsonValue): AsyncGenerator<Row> {
    if (opened === null && deps.config.DATABASE_URL === undefined) {
      const entry = await enterDataFolder(deps.config.DATA_DIR, "anywhere");
      if ("socket" in entry) {
        yield* callRunningProcess(entry.socket, { command: command.name, input }, deps.notice);
        return;
      }
      stack.defer(entry.lock.release);
    }
    opened ??= open();
    yield* await command.run(await opened, input, deps.notice);
  };
  return { call, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Several commands at once take turns, some seconds each, when no process has the database open. */
const LOCK_WAIT_MS = 60_000;

/** The way to an embedded database: through the process that has it, or by taking it. */
async function enterDataFolder(folder: string, reach: "anywhere" | "alone") {
  const socket = reach === "alone" ? null : await connectToDataFolder(folder);
  if (socket !== null) return { socket };
  try {
    return { lock: await lockDataFolder(folder, { waitMs: LOCK_WAIT_MS }) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "DATA_FOLDER_IN_USE") throw error;
    // It may have started between the two looks.
    const late = reach === "alone" ? null : await connectToDataFolder(folder);
    if (late === null) throw error;
    return { socket: late };
  }
}

async function* runHere(
  deps: RunCommandDeps,
  command: Command,
  input: JsonValue,
): AsyncGenerator<Row> {
  const platform = await deps.openPlatform(deps.config);
  try {
    if (command.schema !== "may be missing") await deps.preparePlatform(platform);
    yield* await command.run(platform, input, deps.notice);
  } finally {
    await platform.close();
  }
}
