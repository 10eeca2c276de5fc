import { once } from "node:events";
import type { Socket } from "node:net";
import { AppError } from "#domain/errors.ts";
import type { Logger } from "#platform/logger.ts";
import type { Command, CommandDeps } from "./commands/command.ts";
import { type Answer, Call, CALL_LENGTH_MAX, type Greeting, PROTOCOL } from "./control-protocol.ts";
import { explainFailure } from "./explain-failure.ts";

export type ControlServerDeps = {
  /** The open platform; resolves as soon as the starting process has it. */
  readonly platform: Promise<CommandDeps>;
  readonly commands: readonly Command[];
  /** Of the program, for the sentence about different versions. */
  readonly version: string;
  readonly logger: Logger;
};

/** Whoever connects must say within this time what it wants. */
const CALL_TIMEOUT_MS = 10_000;

/**
 * Answers commands that reach the running process through the socket in its data folder: what
 * `lockDataFolder` hands each connection to. A command ends when its caller goes.
 */
export function createControlServer(deps: ControlServerDeps): (socket: Socket) => void {
  return (socket) => {
    serve(deps, socket).catch((error: unknown) => {
      deps.logger.debug({ error }, "control connection broke");
      socket.destroy();
    });
  };
}

async function serve(deps: ControlServerDeps, socket: Socket): Promise<void> {
  const greeting: Greeting = { parley: deps.version, protocol: PROTOCOL };
  await writeLine(socket, greeting);
  try {
    const call = await readCall(socket);
    const command = deps.commands.find((known) => known.name === call.command);
    if (command === undefined)
      throw new AppError(
        "NOT_FOUND",
        `The running Parley process (version ${deps.version}) does not know this command; restart it.`,
      );
    if (command.reach === "alone")
      throw new AppError("DATA_FOLDER_IN_USE", "Stop the running Parley process first.");
    deps.logger.debug({ command: command.name }, "command called");
    const notice = (sentence: string) => void writeAnswer(socket, { notice: sentence });
    const rows = await command.run(await deps.platform, call.input, notice);
    for await (const row of rows) {
      if (socket.destroyed) return; // leaving the loop ends the command too
      await writeAnswer(socket, { row });
    }
    await writeAnswer(socket, { end: true });
  } catch (failure) {
    const error = explainFailure(failure);
    if (error.code === "INTERNAL") deps.logger.error({ error: failure }, "command failed");
    await writeAnswer(socket, { error: { code: error.code, message: error.message } });
  }
  socket.end();
}

async function readCall(socket: Socket): Promise<Call> {
  const line = Promise.withResolvers<string>();
  const parts: string[] = [];
  let length = 0;
  const onData = (chunk: string): void => {
    const end = chunk.indexOf("\n");
    parts.push(end >= 0 ? chunk.slice(0, end) : chunk);
    length += chunk.length;
    if (end >= 0) line.resolve(parts.join(""));
    else if (length > CALL_LENGTH_MAX) line.reject(badCall());
  };
  const timer = setTimeout(() => line.reject(badCall()), CALL_TIMEOUT_MS);
  socket.setEncoding("utf8").on("data", onData);
  socket.once("close", () => line.reject(badCall()));
  try {
    return parseCall(await line.promise);
  } finally {
    clearTimeout(timer);
    socket.removeListener("data", onData).resume(); // flowing, so that its end is noticed
  }
}

function parseCall(line: string): Call {
  try {
    return Call.parse(JSON.parse(line));
  } catch (cause) {
    throw badCall(cause);
  }
}

const badCall = (cause?: unknown): AppError =>
  new AppError("INPUT_INVALID", "The running Parley process did not understand the call.", {
    cause,
  });

const writeAnswer = (socket: Socket, answer: Answer): Promise<void> => writeLine(socket, answer);

/** Waits where the reader is slow, so that a long list is never held in memory. */
async function writeLine(socket: Socket, line: Answer | Greeting): Promise<void> {
  if (socket.destroyed) return;
  if (!socket.write(`${JSON.stringify(line)}\n`))
    await Promise.race([once(socket, "drain"), once(socket, "close")]);
}
