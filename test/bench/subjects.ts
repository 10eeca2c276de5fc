import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { sql } from "kysely";
import { createKeyRing, generateKey } from "#platform/key-ring.ts";
import { migrate } from "#store/migrate.ts";
import { openDatabase } from "#store/open-database.ts";
import { createTestChatbot } from "../support/create-test-chatbot.ts";
import type { BenchServer } from "./bench-database.ts";
import { answersOk, type BenchProcess, findFreePort, spawnProcess, until } from "./processes.ts";

/** What is measured: Parley or the floor, running. */
export type Subject = {
  readonly name: string;
  readonly webhookUrl: string;
  readonly databaseUrl: string;
  readonly processes: Readonly<Record<string, BenchProcess>>;
};

/** Secrets and numbers that both sides of a load know. */
export type Account = {
  readonly appSecret: string;
  readonly encryptionKey: string;
  readonly phoneNumberIds: readonly string[];
};

/** The program, as an operator calls it. */
export const PARLEY = join(import.meta.dirname, "../../parley");
const CHATBOTS = 10;

/** Migrates a database and makes chatbots in it, each of an organization of its own. */
export async function createAccount(databaseUrl: string): Promise<Account> {
  const encryptionKey = generateKey();
  const database = await openDatabase({ kind: "server", url: databaseUrl, poolSize: 2 });
  try {
    await migrate(database);
    const world = {
      database,
      keyRing: createKeyRing([encryptionKey]),
      simulator: { addPhoneNumber: () => {} },
    };
    const phoneNumberIds: string[] = [];
    for (let made = 0; made < CHATBOTS; made += 1)
      phoneNumberIds.push(
        (await createTestChatbot(world, { model: "openai:bench" })).phoneNumberId,
      );
    await database.asOwner((db) =>
      sql`update organizations set message_limit_monthly = 1000000000, token_limit_monthly = 1000000000000`.execute(
        db,
      ),
    );
    return { appSecret: randomBytes(16).toString("hex"), encryptionKey, phoneNumberIds };
  } finally {
    await database.close();
  }
}

/** What all of Parley's processes are given. */
export function parleyEnvironment(
  account: Account,
  place: { readonly apisUrl: string; readonly databaseUrl: string },
): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: place.databaseUrl,
    ENCRYPTION_KEYS: account.encryptionKey,
    WHATSAPP_APP_SECRET: account.appSecret,
    GRAPH_API_BASE_URL: place.apisUrl,
    OPENAI_API_KEY: "bench",
    OPENAI_BASE_URL: `${place.apisUrl}/openai/v1`,
    SIMULATOR: "off",
    LOG_LEVEL: "warn",
  };
}

/** Starts `parley serve` and waits until it answers. */
export async function startServe(
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly process: BenchProcess; readonly webhookUrl: string }> {
  const port = await findFreePort();
  const serve = spawnProcess([PARLEY, "serve"], { ...environment, PORT: String(port) });
  const url = `http://127.0.0.1:${port}`;
  await until("parley serve", () => answersOk(`${url}/readyz`));
  return { process: serve, webhookUrl: `${url}/webhook` };
}

/** Starts `parley work` and waits until it may claim. */
export async function startWork(
  server: BenchServer,
  environment: Readonly<Record<string, string>>,
): Promise<BenchProcess> {
  const work = spawnProcess([PARLEY, "work"], environment);
  await until("parley work", () => server.hasWorker(environment["DATABASE_URL"] ?? ""));
  return work;
}

/** Starts the floor on a database of its own. */
export async function startFloor(
  server: BenchServer,
  given: { readonly account: Account; readonly apisUrl: string },
): Promise<Subject> {
  const databaseUrl = await server.createDatabase();
  await server.query(
    databaseUrl,
    "create table floor_messages (wamid text primary key, payload jsonb not null, created_at timestamptz not null default now())",
  );
  const port = await findFreePort();
  const floor = spawnProcess([process.execPath, join(import.meta.dirname, "floor.ts")], {
    DATABASE_URL: databaseUrl,
    WHATSAPP_APP_SECRET: given.account.appSecret,
    BENCH_APIS_URL: given.apisUrl,
    PORT: String(port),
  });
  const url = `http://127.0.0.1:${port}`;
  await until("the floor", async () => (await fetch(url, { method: "POST" })).status === 401);
  return { name: "floor", webhookUrl: `${url}/webhook`, databaseUrl, processes: { floor } };
}
