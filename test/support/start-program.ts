import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The product in a process of its own, as `npm start` runs it, on an empty data folder. */
export type StartedProgram = {
  /** Address of the phone in the browser. */
  readonly phoneUrl: string;
  /** Runs a command as an operator does beside it; rejects with what it says when it fails. */
  readonly run: (...words: readonly string[]) => Promise<string>;
  /** Asks it to stop; resolves with its exit code. */
  readonly stop: () => Promise<number | null>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

const PROGRAM = join(import.meta.dirname, "../../parley");

/** Starts it on free ports and waits until it says that it is ready. */
export async function startProgram(
  settings: Readonly<Record<string, string>> = {},
): Promise<StartedProgram> {
  const dataFolder = await mkdtemp(join(tmpdir(), "parley-test-"));
  const { DATABASE_URL: _, ...environment } = process.env;
  const child = spawn(PROGRAM, ["start"], {
    env: { ...environment, DATA_DIR: dataFolder, PORT: "0", ...settings },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
    return child.exitCode;
  };
  let said = "";
  for await (const chunk of child.stderr.setEncoding("utf8")) {
    said += chunk;
    const phoneUrl = /demo chatbot: +(http\S+)/.exec(said)?.[1];
    if (phoneUrl === undefined) continue;
    child.stderr.resume();
    return {
      phoneUrl,
      run: async (...words) => {
        const env = { ...environment, DATA_DIR: dataFolder };
        return (await promisify(execFile)(PROGRAM, words, { env })).stdout;
      },
      stop,
      [Symbol.asyncDispose]: async () => {
        await stop();
        await rm(dataFolder, { recursive: true });
      },
    };
  }
  throw new Error(`The program ended before it was ready:\n${said}`);
}
