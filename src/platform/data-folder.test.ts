import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectToDataFolder, lockDataFolder } from "./data-folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-folder-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ignore = { handle: () => {} };

/** Locks the folder in a process of its own; its first line says how that went. */
async function lockInChild(waitMs = 0): Promise<{ first: string; kill: () => Promise<void> }> {
  const child = spawn(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `import { lockDataFolder } from ${JSON.stringify(join(import.meta.dirname, "data-folder.ts"))};
       try {
         await lockDataFolder(${JSON.stringify(folder)}, { waitMs: ${waitMs}, handle: (socket) => socket.end("hello") });
         console.log("locked");
       } catch (error) { console.log(error.code); }`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const lines = createInterface(child.stdout);
  const [first] = await once(lines, "line");
  return {
    first: String(first),
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

test("whoever holds the folder is reached through its socket", async () => {
  const lock = await lockDataFolder(folder, { handle: (socket) => socket.end("hello") });
  const socket = await connectToDataFolder(folder);
  if (socket === null) throw new Error("nobody listens");
  const [data] = await once(socket, "data");
  expect(String(data)).toBe("hello");
  await lock.release();
  expect(await connectToDataFolder(folder)).toBeNull();
});

test("a second start is told that the folder is in use, and what to do", async () => {
  const lock = await lockDataFolder(folder, ignore);
  await expect(lockDataFolder(folder, ignore)).rejects.toMatchObject({
    code: "DATA_FOLDER_IN_USE",
    message: expect.stringContaining("Stop it first"),
  });
  await lock.release();
});

test("a start waits for the work of a moment", async () => {
  const moment = await lockDataFolder(folder);
  const start = lockDataFolder(folder, ignore);
  await moment.release();
  await expect(start).resolves.toBeDefined();
  await (await start).release();
});

test("of many starts at once exactly one gets the folder", async () => {
  const children = await Promise.all(Array.from({ length: 6 }, () => lockInChild(5_000)));
  const outcomes = children.map((child) => child.first).toSorted();
  expect(outcomes).toEqual([...Array.from({ length: 5 }, () => "DATA_FOLDER_IN_USE"), "locked"]);
  await Promise.all(children.map((child) => child.kill()));
});

test("the socket of a killed process is taken over, by one of many", async () => {
  const first = await lockInChild();
  expect(first.first).toBe("locked");
  await first.kill();
  await access(join(folder, "parley.sock"));
  expect(await connectToDataFolder(folder)).toBeNull();

  const children = await Promise.all(Array.from({ length: 4 }, () => lockInChild(5_000)));
  expect(children.filter((child) => child.first === "locked")).toHaveLength(1);
  await Promise.all(children.map((child) => child.kill()));
});

test("a folder with a long path works", async () => {
  const long = join(folder, "x".repeat(120), "y".repeat(120));
  const lock = await lockDataFolder(long, { handle: (socket) => socket.end() });
  const socket = await connectToDataFolder(long);
  expect(socket).not.toBeNull();
  socket?.destroy();
  await lock.release();
});

test("only the owner can reach the folder and its socket", async () => {
  const open = join(folder, "open");
  await mkdir(open, { mode: 0o755 });
  const lock = await lockDataFolder(open, ignore);
  expect((await stat(open)).mode & 0o777).toBe(0o700);
  expect((await stat(join(open, "parley.sock"))).mode & 0o777).toBe(0o600);
  await lock.release();
});

test("a folder that is a file is refused with a sentence", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  await expect(lockDataFolder(file, ignore)).rejects.toMatchObject({
    code: "DATA_FOLDER_UNUSABLE",
    message: expect.stringContaining("is not a folder"),
  });
  expect(await connectToDataFolder(join(folder, "absent"))).toBeNull();
});

test("who waits for work that does not end is told so", async () => {
  const moment = await lockDataFolder(folder);
  await expect(lockDataFolder(folder, { waitMs: 60 })).rejects.toMatchObject({
    code: "DATA_FOLDER_IN_USE",
  });
  await moment.release();
});

test("a released folder can be locked again at once", async () => {
  for (let round = 0; round < 20; round += 1) {
    const lock = await lockDataFolder(folder, ignore);
    await lock.release();
  }
  expect(await connectToDataFolder(folder)).toBeNull();
});
