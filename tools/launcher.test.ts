import { execFile } from "node:child_process";
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

// The real scripts in a folder of their own, with an npm and a Node that only write down their calls.

const root = join(import.meta.dirname, "..");
const FAKE_NPM = `#!/bin/sh
echo "$@" >> "$NPM_CALLS"
[ "$NPM_FAILS" = yes ] && exit 7
mkdir -p node_modules
echo {} > node_modules/.package-lock.json
`;

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

async function createCheckout() {
  const folder = await mkdtemp(join(tmpdir(), "parley-launcher-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "tools"));
  await mkdir(join(folder, "bin"));
  await cp(join(root, "parley"), join(folder, "parley"));
  await cp(join(root, "tools/install-if-missing"), join(folder, "tools/install-if-missing"));
  await writeFile(join(folder, "package-lock.json"), "{}");
  await writeExecutable(join(folder, "bin/npm"), FAKE_NPM);
  const calls = join(folder, "npm-calls");
  const run = (
    file: string,
    options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
  ) =>
    new Promise<Outcome>((resolve) => {
      const env = { PATH: `${folder}/bin:/usr/bin:/bin`, NPM_CALLS: calls, ...options.env };
      execFile(
        join(folder, file),
        ["chat", "two words"],
        { cwd: options.cwd ?? "/", env },
        (error, stdout, stderr) =>
          resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
      );
    });
  const npmCalls = async () =>
    (await readFile(calls, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  return { folder, run, npmCalls };
}

async function writeExecutable(file: string, text: string): Promise<void> {
  await writeFile(file, text);
  await chmod(file, 0o755);
}

async function addNode(file: string, version: string): Promise<void> {
  await writeExecutable(
    file,
    `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else pwd; printf '%s|' "$@"; exit 5; fi\n`,
  );
}

test("a fresh clone installs once and says so; afterwards it is silent", async () => {
  const { run, npmCalls } = await createCheckout();
  const first = await run("tools/install-if-missing");
  expect(first).toEqual({
    code: 0,
    stdout: "",
    stderr: expect.stringContaining("installing dependencies"),
  });
  expect(await run("tools/install-if-missing")).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(await npmCalls()).toEqual(["ci --no-audit --no-fund"]);
});

test("a lock file newer than what is installed installs again", async () => {
  const { folder, run, npmCalls } = await createCheckout();
  await run("tools/install-if-missing");
  const later = new Date(Date.now() + 60_000);
  await utimes(join(folder, "package-lock.json"), later, later);
  await run("tools/install-if-missing");
  expect(await npmCalls()).toHaveLength(2);
});

test("what a linked node_modules leads to is left alone", async () => {
  const { folder, run } = await createCheckout();
  await mkdir(join(folder, "elsewhere"));
  await writeFile(join(folder, "elsewhere/precious"), "");
  await symlink(join(folder, "elsewhere"), join(folder, "node_modules"));
  const refused = await run("tools/install-if-missing");
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("remove the link") });
  expect(await readdir(join(folder, "elsewhere"))).toEqual(["precious"]);
});

test("two starts at once install once", async () => {
  const { run, npmCalls } = await createCheckout();
  const outcomes = await Promise.all([
    run("tools/install-if-missing"),
    run("tools/install-if-missing"),
    run("tools/install-if-missing"),
  ]);
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(await npmCalls()).toHaveLength(1);
});

test("the lock of an install that was killed does not stop the next one", async () => {
  const { folder, run, npmCalls } = await createCheckout();
  await mkdir(join(folder, ".install-lock"));
  await writeFile(join(folder, ".install-lock/pid"), "4194305"); // above the highest process id of Linux
  expect((await run("tools/install-if-missing")).code).toBe(0);
  expect(await npmCalls()).toHaveLength(1);
});

test("a failed install says so, and the next one tries again", async () => {
  const { run, npmCalls } = await createCheckout();
  const failed = await run("tools/install-if-missing", { env: { NPM_FAILS: "yes" } });
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain("npm ci failed");
  expect((await run("tools/install-if-missing")).code).toBe(0);
  expect(await npmCalls()).toHaveLength(2);
});

test("the launcher runs the packaged Node in the caller's folder, through a link too, and ends with its code", async () => {
  const { folder, run } = await createCheckout();
  await mkdir(join(folder, "node_modules/.bin"), { recursive: true });
  await writeFile(join(folder, "node_modules/.package-lock.json"), "{}");
  await addNode(join(folder, "node_modules/.bin/node"), "v24.0.0");
  await symlink("../parley", join(folder, "bin/link"));
  const outcome = await run("bin/link", { cwd: "/usr" });
  expect(outcome).toEqual({
    code: 5,
    stdout: `/usr\n${folder}/src/main.ts|chat|two words|`,
    stderr: "",
  });
});

test("without a packaged Node the launcher takes the machine's, if it is new enough", async () => {
  const { folder, run } = await createCheckout();
  await addNode(join(folder, "bin/node"), "v26.1.0");
  expect((await run("parley")).code).toBe(5);
  await addNode(join(folder, "bin/node"), "v22.9.0");
  const tooOld = await run("parley");
  expect(tooOld.code).toBe(1);
  expect(tooOld.stderr).toContain(
    "Node.js 24 or newer is needed on this platform (found: v22.9.0)",
  );
});
