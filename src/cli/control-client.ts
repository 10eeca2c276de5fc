import type { Socket } from "node:net";
import { AppError, type ErrorCode, ERRORS } from "#domain/errors.ts";
import type { Notice, Row } from "./commands/command.ts";
import { Answer, type Call, Greeting, PROTOCOL } from "./control-protocol.ts";

/** The running process greets at once; longer means that it hangs. */
const GREETING_TIMEOUT_MS = 10_000;

/**
 * Runs a command in the process that holds the data folder, over a socket of `connectToDataFolder`.
 * Its rows come as they are made; its failures are thrown as they were there.
 */
export async function* callRunningProcess(
  socket: Socket,
  call: Call,
  notice: Notice,
): AsyncGenerator<Row> {
  // Without a listener an error would end this process; the missing end of the answer tells it.
  socket.on("error", () => {});
  const lines = readLines(socket);
  const timer = setTimeout(() => socket.destroy(), GREETING_TIMEOUT_MS);
  try {
    const first = await lines.next();
    clearTimeout(timer);
    assertSameProtocol(first.done === true ? null : first.value);
    socket.write(`${JSON.stringify(call)}\n`);
    yield* readAnswers(lines, notice);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** The lines of a socket until it ends, however it ends: a killed process resets it. */
async function* readLines(socket: Socket): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const chunk of socket.setEncoding("utf8")) {
      const lines = `${rest}${String(chunk)}`.split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch {
    // The missing last line tells the reader.
  }
}

async function* readAnswers(lines: AsyncIterator<string>, notice: Notice): AsyncGenerator<Row> {
  for (;;) {
    const line = await lines.next();
    if (line.done === true) break;
    const answer = Answer.parse(JSON.parse(line.value));
    if ("end" in answer) return;
    if ("error" in answer) throw new AppError(codeOf(answer.error.code), answer.error.message);
    if ("row" in answer) yield answer.row;
    else notice(answer.notice);
  }
  throw new AppError(
    "INTERNAL",
    "The running Parley process broke off in the middle of the answer. Was it stopped?",
  );
}

function assertSameProtocol(line: string | null): void {
  if (line === null)
    throw new AppError(
      "DATA_FOLDER_IN_USE",
      "The running Parley process does not answer. Stop it, or try again when it has stopped.",
    );
  const greeting = Greeting.safeParse(parseJson(line));
  if (greeting.success && greeting.data.protocol === PROTOCOL) return;
  const version = greeting.success ? greeting.data.parley : "unknown";
  throw new AppError(
    "CONFLICT",
    `The running Parley process is of another version (${version}) than this command. Restart it.`,
  );
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** A code of another version may be unknown here; its sentence still tells what happened. */
const codeOf = (code: string): ErrorCode => (isErrorCode(code) ? code : "INTERNAL");

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);
