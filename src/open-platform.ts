import { join } from "node:path";
import { AppError } from "#domain/errors.ts";
import { type Clock, systemClock } from "#platform/clock.ts";
import { createKeyRing, type KeyRing } from "#platform/key-ring.ts";
import { loadLocalSecret } from "#platform/local-keys.ts";
import type { Logger } from "#platform/logger.ts";
import {
  createLanguageModels,
  type LanguageModels,
} from "#providers/language-models/language-models.ts";
import { createWhatsAppClient, type WhatsAppClient } from "#providers/whatsapp/whatsapp-client.ts";
import type { Database } from "#store/database.ts";
import {
  findKeyRingCheck,
  insertKeyRingCheck,
  KEY_RING_CHECK_CONTEXT,
} from "#store/key-ring-check.ts";
import { assertMigrated, migrate } from "#store/migrate.ts";
import { openDatabase } from "#store/open-database.ts";
import type { ToolServices } from "#tools/tool-source.ts";
import type { Config } from "./config.ts";
import { type Hearing, openHearing } from "./open-hearing.ts";
import { type KnowledgeServices, openKnowledge } from "./open-knowledge.ts";
import { openToolServices } from "./open-tool-services.ts";

/** What every part and every command works with; opened once, closed in reverse order. */
export type Platform = {
  readonly config: Config;
  readonly database: Database;
  readonly keyRing: KeyRing;
  readonly models: LanguageModels;
  readonly whatsApp: WhatsAppClient;
  readonly knowledge: KnowledgeServices;
  readonly tools: ToolServices;
  readonly hearing: Hearing;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly close: () => Promise<void>;
};

/**
 * Opens the database and the clients of the outside world. The schema may still be missing, and on
 * the embedded database the caller holds the lock of the data folder.
 * @param open for tests, which share a database.
 */
export async function openPlatform(
  config: Config,
  logger: Logger,
  open: (config: Config) => Promise<Database> = openConfiguredDatabase,
): Promise<Platform> {
  const stack = new AsyncDisposableStack();
  try {
    const keyRing = createKeyRing(
      config.ENCRYPTION_KEYS ?? [await loadLocalSecret(config.DATA_DIR, "encryption-key")],
    );
    const database = await open(config);
    stack.defer(database.close);
    const models = openModels(config);
    stack.defer(models.close);
    const whatsApp = createWhatsAppClient({
      graphApiBaseUrl: config.GRAPH_API_BASE_URL,
      graphApiVersion: config.GRAPH_API_VERSION,
      timeoutMs: config.GRAPH_API_TIMEOUT_MS,
      clock: systemClock,
    });
    stack.defer(whatsApp.close);
    const knowledge = openKnowledge(config);
    stack.defer(knowledge.close);
    const tools = openToolServices(config, systemClock);
    stack.defer(tools.close);
    const hearing = openHearing(config, models);
    stack.defer(hearing.transcriptions.close);
    const close = () => stack.disposeAsync();
    return {
      config,
      database,
      keyRing,
      models,
      whatsApp,
      knowledge,
      tools,
      hearing,
      clock: systemClock,
      logger,
      close,
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

function openConfiguredDatabase(config: Config): Promise<Database> {
  return openDatabase(
    config.DATABASE_URL === undefined
      ? { kind: "embedded", folder: join(config.DATA_DIR, "database") }
      : { kind: "server", url: config.DATABASE_URL, poolSize: config.DATABASE_POOL_SIZE },
  );
}

function openModels(config: Config): LanguageModels {
  return createLanguageModels({
    openai: { apiKey: config.OPENAI_API_KEY, baseUrl: config.OPENAI_BASE_URL },
    google: { apiKey: config.GEMINI_API_KEY, baseUrl: config.GEMINI_BASE_URL },
    anthropic: { apiKey: config.ANTHROPIC_API_KEY, baseUrl: config.ANTHROPIC_BASE_URL },
    openaiCompatible: {
      apiKey: config.OPENAI_COMPATIBLE_API_KEY,
      baseUrl: config.OPENAI_COMPATIBLE_BASE_URL,
    },
    timeoutMs: config.MODEL_TIMEOUT_MS,
  });
}

/** `migrate` brings the schema up to date; `check` insists that somebody has. */
export type SchemaDuty = "migrate" | "check";

/**
 * Makes sure that the platform can work: the schema is up to date and the key ring opens what earlier
 * processes sealed.
 * @throws AppError SCHEMA_OUTDATED or KEY_RING_MISMATCH, with a sentence that says what to do.
 */
export async function preparePlatform(platform: Platform, duty: SchemaDuty): Promise<void> {
  if (duty === "migrate") await migrate(platform.database);
  else await assertMigrated(platform.database);
  await assertKeyRing(platform);
}

const KNOWN_TEXT = "parley";

async function assertKeyRing({ database, keyRing }: Platform): Promise<void> {
  if ((await findKeyRingCheck(database.db)) === null)
    await insertKeyRingCheck(database.db, keyRing.seal(KNOWN_TEXT, KEY_RING_CHECK_CONTEXT));
  try {
    keyRing.open((await findKeyRingCheck(database.db)) ?? "", KEY_RING_CHECK_CONTEXT);
  } catch (cause) {
    throw new AppError(
      "KEY_RING_MISMATCH",
      "The secrets in this database were sealed with another key. Set ENCRYPTION_KEYS to the keys that this database was started with first (without that setting: the file encryption-key of its data folder).",
      { cause },
    );
  }
}
