import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { connectToDataFolder, lockDataFolder } from "#platform/data-folder.ts";
import { silentLogger } from "#platform/logger.ts";
import { type Command, type CommandDeps, defineCommand, type Row } from "./commands/command.ts";
import { callRunningProcess } from "./control-client.ts";
import { createControlServer } from "./control-server.ts";

let folder: string;
let closers: (() => Promise<void>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-control-"));
});
afterEach(async () => {
  for (const close of closers) await close();
  closers = [];
  await rm(folder, { recursive: true, force: true });
});

const command = (run: () => AsyncIterable<Row>): Command =>
  defineCommand({
    name: "numbers",
    summary: "",
    examples: [],
    input: z.strictObject({ from: z.int().default(0) }),
    view: { kind: "record" },
    run,
  });

// What these commands do needs no platform.
const noPlatform = new Promise<CommandDeps>((resolve) => {
  resolve(Object.create(null));
});

async function serve(commands: readonly Command[]): Promise<void> {
  await listen(
    createControlServer({
      platform: noPlatform,
      commands,
      version: "9.9.9",
      logger: silentLogger,
    }),
  );
}

async function listen(handle: (socket: Socket) => void): Promise<void> {
  const lock = await lockDataFolder(folder, { handle });
  closers.push(lock.release);
}

async function call(
  input: { readonly command?: string; readonly from?: unknown } = {},
  notices: string[] = [],
): Promise<AsyncGenerator<Row>> {
  const socket = await connectToDataFolder(folder);
  if (socket === null) throw new Error("nobody listens");
  const { command: name = "numbers", ...rest } = input;
  return callRunningProcess(
    socket,
    { command: name, input: JSON.parse(JSON.stringify(rest)) },
    (sentence) => notices.push(sentence),
  );
}

async function collect(rows: AsyncIterable<Row>): Promise<readonly Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

test("rows, notices and the end of a command arrive in order", async () => {
  await serve([
    defineCommand({
      name: "numbers",
      summary: "",
      examples: [],
      input: z.strictObject({ from: z.int() }),
      view: { kind: "record" },
      async *run(_deps, input, notice) {
        yield { number: input.from };
        notice("half way");
        yield { number: input.from + 1 };
      },
    }),
  ]);
  const notices: string[] = [];
  expect(await collect(await call({ from: 7 }, notices))).toEqual([{ number: 7 }, { number: 8 }]);
  expect(notices).toEqual(["half way"]);
});

test("a failure arrives with its code and sentence, after the rows before it", async () => {
  await serve([
    command(async function* () {
      yield { number: 1 };
      throw new AppError("CONFLICT", "It is taken already.");
    }),
  ]);
  const rows = await call();
  expect(await rows.next()).toEqual({ done: false, value: { number: 1 } });
  await expect(rows.next()).rejects.toMatchObject({
    code: "CONFLICT",
    message: "It is taken already.",
  });
});

test("an unforeseen failure tells nothing of its message", async () => {
  await serve([
    command(async function* () {
      yield await Promise.reject(new Error("row of a customer"));
    }),
  ]);
  await expect(collect(await call())).rejects.toMatchObject({
    code: "INTERNAL",
    message: "Something unforeseen failed (Error).",
  });
});

test("input that the running process does not know is refused", async () => {
  await serve([command(async function* () {})]);
  await expect(collect(await call({ from: "x" }))).rejects.toMatchObject({ code: "INPUT_INVALID" });
  await expect(collect(await call({ command: "letters" }))).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringContaining("version 9.9.9"),
  });
});

test("a running process of another version is named in a sentence", async () => {
  await listen((socket) => socket.end('{"parley":"0.0.1","protocol":0,"more":true}\n'));
  await expect(collect(await call())).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining("another version (0.0.1)"),
  });
});

test("a process that closes at once, and one that breaks off, are told apart", async () => {
  let greets = false;
  await listen((socket) =>
    socket.end(greets ? '{"parley":"9.9.9","protocol":1}\n{"row":{"number":1}}\n' : ""),
  );
  await expect(collect(await call())).rejects.toMatchObject({ code: "DATA_FOLDER_IN_USE" });
  greets = true;
  await expect(collect(await call())).rejects.toMatchObject({
    code: "INTERNAL",
    message: expect.stringContaining("broke off"),
  });
});

test("a command ends when its caller goes, and the next one is served", async () => {
  const ended = Promise.withResolvers<void>();
  await serve([
    command(async function* () {
      try {
        for (let number = 0; ; number += 1) yield { number, text: "x".repeat(1_000) };
      } finally {
        ended.resolve();
      }
    }),
  ]);
  const rows = await call();
  await rows.next();
  await rows.return(undefined);
  await ended.promise;
  const again = await call();
  expect(await again.next()).toMatchObject({ value: { number: 0 } });
  await again.return(undefined);
});

test("what is no call is answered with a sentence, and ends the connection", async () => {
  await serve([command(async function* () {})]);
  const socket = await connectToDataFolder(folder);
  if (socket === null) throw new Error("nobody listens");
  socket.write("GET / HTTP/1.1\n\n");
  let text = "";
  socket.on("data", (chunk) => (text += String(chunk)));
  await once(socket, "close");
  expect(text).toContain("did not understand the call");
});
