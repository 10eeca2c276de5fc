import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { type EmbeddingServer, startEmbeddingServer } from "../support/start-embedding-server.ts";
import { emptyDatabase } from "../support/test-database.ts";

const TIMEOUT_MS = 180_000;
const PROGRAM = join(import.meta.dirname, "../../parley");
/** Texts in one request of a remote embedding model. */
const BATCH = 32;

/** Four and a half batches of passages, no two of them alike. */
const TEXT = Array.from(
  { length: Math.round(BATCH * 4.5) },
  (_, index) => `# Part ${index}\n\nShelf ${index} holds ${"boxes and bags ".repeat(20)}.`,
).join("\n\n");

/**
 * A product on a database that outlives its processes: on the server of DATABASE_URL, or the embedded
 * one, which takes one process after the other.
 */
async function openPlace(embeddings: EmbeddingServer) {
  const folder = await mkdtemp(join(tmpdir(), "parley-kill-"));
  const serverUrl = process.env["DATABASE_URL"];
  const database = serverUrl === undefined ? null : await emptyDatabase();
  const url = new URL(serverUrl ?? "postgres://none");
  if (database !== null) {
    const { rows } = await database.asOwner((db) =>
      sql<{ name: string }>`select current_database() as name`.execute(db),
    );
    url.pathname = `/${rows[0]?.name ?? ""}`;
  }
  const environment = {
    PATH: process.env["PATH"] ?? "",
    DATA_DIR: join(folder, "data"),
    DATABASE_URL: database === null ? "" : url.href,
    ENCRYPTION_KEYS: randomBytes(32).toString("base64"),
    DEFAULT_EMBEDDING_MODEL: "openai-compatible:test",
    OPENAI_COMPATIBLE_BASE_URL: embeddings.url,
    PORT: "0",
    SIMULATOR: "off",
    LOG_LEVEL: "silent",
    WORKER_DEAD_AFTER_MS: "2000",
  };
  const started: ChildProcess[] = [];
  return {
    database,
    folder,
    /** What is stored so far; on the embedded database only its process knows. */
    storedTexts: async (): Promise<readonly string[]> => {
      if (database === null) return [];
      const { rows } = await database.asOwner((db) =>
        sql<{ content: string }>`select content from document_chunks`.execute(db),
      );
      return rows.map(({ content }) => content);
    },
    /** Resolves when so many and more passages are stored; at once where nobody can see that. */
    storedMoreThan: async (count: number): Promise<void> => {
      if (database === null) return;
      const countStored = () =>
        database.asOwner(async (db) => {
          const { rows } = await sql<{ count: number }>`
            select count(*)::integer as count from document_chunks`.execute(db);
          return rows[0]?.count;
        });
      await expect.poll(countStored, { interval: 1 }).toBeGreaterThan(count);
    },
    /** Starts the product; what it asks the embedding server for bears the name. */
    start: async (name: string) => {
      const child = spawn(PROGRAM, ["start"], {
        env: { ...environment, OPENAI_COMPATIBLE_API_KEY: name },
        stdio: ["ignore", "ignore", "pipe"],
      });
      started.push(child);
      let said = "";
      for await (const chunk of child.stderr.setEncoding("utf8")) {
        said += String(chunk);
        if (said.includes("is ready")) break;
      }
      expect(said).toContain("is ready");
      child.stderr.resume();
      return child;
    },
    run: async (...words: readonly string[]): Promise<readonly Record<string, unknown>[]> => {
      const { stdout } = await promisify(execFile)(PROGRAM, [...words, "--json"], {
        env: environment,
      });
      return stdout
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of started) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The call with which the process dies. */
const FATAL_CALL = 3;

test.for(["while a batch is asked for", "while a batch is stored"] as const)(
  "a process that is killed %s leaves the document to another, which pays for no stored passage again",
  { timeout: TIMEOUT_MS },
  async (moment) => {
    await using embeddings = await startEmbeddingServer();
    await using place = await openPlace(embeddings);
    const first = await place.start("first");
    await place.run(
      ..."chatbot create --name Shop --phone-number-id 1 --access-token x".split(" "),
    );
    const file = join(place.folder, "shelves.md");
    await writeFile(file, TEXT);
    const dead = Promise.withResolvers<readonly string[]>();
    const kill = async () => {
      if (moment === "while a batch is stored")
        await place.storedMoreThan((FATAL_CALL - 1) * BATCH);
      first.kill("SIGKILL");
      await once(first, "exit");
      dead.resolve(await place.storedTexts());
    };
    embeddings.hook.onCall = async (call) => {
      if (call > FATAL_CALL) await dead.promise;
      if (call !== FATAL_CALL) return;
      // On a server the other is there already, and has to notice by itself.
      if (place.database !== null) await place.start("second");
      if (moment === "while a batch is asked for") await kill();
    };
    embeddings.hook.onAnswered = (call) => {
      if (call === FATAL_CALL && moment === "while a batch is stored") kill().catch(dead.reject);
    };

    await place.run("knowledge", "add", "--chatbot", "Shop", file, "--background");
    const stored = await dead.promise;
    if (place.database === null) await place.start("second");
    const find = async () => (await place.run("knowledge", "list", "--chatbot", "Shop"))[0];
    await expect.poll(find, { timeout: 60_000 }).toMatchObject({ status: "synced", reason: null });

    const askedBy = (name: string) =>
      embeddings.calls.flatMap(({ texts, process }) => (process === name ? texts : []));
    const texts = new Set([...askedBy("first"), ...askedBy("second")]);
    expect(texts.size).toBeGreaterThan(4 * BATCH);
    expect(await find(), "whole").toMatchObject({ chunks: texts.size });
    const again = askedBy("second").filter((text) => askedBy("first").includes(text));
    expect(new Set(again).size, "asked for once by the second").toBe(again.length);
    expect(
      askedBy("first").slice((FATAL_CALL - 1) * BATCH),
      "only the batch that was under way is asked for again",
    ).toEqual(expect.arrayContaining(again));
    // Passages are embedded with title and headings above them.
    const isStored = (text: string) => stored.some((passage) => text.endsWith(`\n${passage}`));
    expect(askedBy("second").filter(isStored), "stored, and paid for again").toEqual([]);
  },
);
