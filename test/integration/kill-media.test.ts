import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { createSimulator } from "../../simulator/create-simulator.ts";
import { emptyDatabase } from "../support/test-database.ts";

const TIMEOUT_MS = 180_000;
const REPLY_TIMEOUT_MS = 90_000;
const PROGRAM = join(import.meta.dirname, "../../parley");
const PHONE_NUMBER_ID = "100000000000077";

/** Address of a database that outlives the processes; empty: the embedded one of the data folder. */
async function databaseUrl(): Promise<string> {
  const serverUrl = process.env["DATABASE_URL"];
  if (serverUrl === undefined) return "";
  const database = await emptyDatabase();
  const { rows } = await database.asOwner((db) =>
    sql<{ name: string }>`select current_database() as name`.execute(db),
  );
  const url = new URL(serverUrl);
  url.pathname = `/${rows[0]?.name ?? ""}`;
  return url.href;
}

/** A product that can be killed and started again, in front of a simulator that stays. */
async function openPlace() {
  const folder = await mkdtemp(join(tmpdir(), "parley-kill-"));
  const simulator = await createSimulator({
    port: 0,
    webhookUrl: "http://127.0.0.1:9/not-yet",
    appSecret: "a secret of the tests",
    phoneNumbers: [{ phoneNumberId: PHONE_NUMBER_ID, displayName: "Test" }],
  });
  const environment = {
    PATH: process.env["PATH"] ?? "",
    DATA_DIR: join(folder, "data"),
    DATABASE_URL: await databaseUrl(),
    ENCRYPTION_KEYS: randomBytes(32).toString("base64"),
    GRAPH_API_BASE_URL: simulator.url,
    WHATSAPP_APP_SECRET: "a secret of the tests",
    OPENAI_API_KEY: "test",
    OPENAI_BASE_URL: `${simulator.url}/openai/v1`,
    PORT: "0",
    SIMULATOR: "off",
    LOG_LEVEL: "silent",
    WORKER_DEAD_AFTER_MS: "2000",
  };
  const started: ChildProcess[] = [];
  return {
    simulator,
    start: async (): Promise<ChildProcess> => {
      const child = spawn(PROGRAM, ["start"], {
        env: environment,
        stdio: ["ignore", "ignore", "pipe"],
      });
      started.push(child);
      let said = "";
      for await (const chunk of child.stderr.setEncoding("utf8")) {
        said += String(chunk);
        const url = /(http\S+)\/webhook/.exec(said)?.[1];
        if (url === undefined) continue;
        simulator.setWebhook({ url: `${url.replace("localhost", "127.0.0.1")}/webhook` });
        break;
      }
      expect(said).toContain("is ready");
      child.stderr.resume();
      return child;
    },
    run: (...words: readonly string[]) =>
      promisify(execFile)(PROGRAM, [...words], { env: environment }),
    [Symbol.asyncDispose]: async () => {
      for (const child of started) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

test(
  "a process that is killed between a transcription and the answer leaves the voice message to another, which has it heard no second time",
  { timeout: TIMEOUT_MS },
  async () => {
    await using place = await openPlace();
    const { simulator } = place;
    const first = await place.start();
    await place.run(
      ..."chatbot create --name Shop --access-token token --model openai:test".split(" "),
      "--phone-number-id",
      PHONE_NUMBER_ID,
    );
    const dead = Promise.withResolvers<void>();
    let answers = 0;
    simulator.models.script(async ({ kind }) => {
      if (kind !== "chat") return undefined;
      answers += 1;
      if (answers > 1) return "We are open.";
      first.kill("SIGKILL");
      await once(first, "exit");
      dead.resolve();
      return "Nobody hears this.";
    });

    simulator.customerSends({
      phoneNumberId: PHONE_NUMBER_ID,
      customer: "ana",
      content: { type: "audio", says: "Are you open?" },
    });
    await dead.promise;
    await place.start();

    const reply = await simulator.nextReply("ana", { timeoutMs: REPLY_TIMEOUT_MS });
    expect(reply.text).toBe("We are open.");
    const requests = simulator.models.requests();
    expect(requests.filter(({ kind }) => kind === "transcription")).toHaveLength(1);
    const [, answered] = requests.filter(({ kind }) => kind === "chat");
    expect(answered?.texts).toEqual([expect.stringContaining("Are you open?")]);
  },
);
