import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uploadDocument } from "#knowledge/ingest/upload-document.ts";
import { createLogger, type Logger } from "#platform/logger.ts";
import { newId } from "#platform/new-id.ts";
import { LOCAL_EMBEDDING_NAME } from "#providers/embeddings/embedding-name.ts";
import type { ObjectStorage } from "#providers/object-storage/object-storage.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { Database } from "#store/database.ts";
import { findSource } from "#store/knowledge-sources.ts";
import { createSimulator, type Simulator } from "../../simulator/create-simulator.ts";
import { type App, type Part, startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { openPlatform } from "../../src/open-platform.ts";
import { createTestChatbot, type TestChatbot } from "./create-test-chatbot.ts";
import { emptyDatabase } from "./test-database.ts";
import { until } from "./until.ts";

/** The whole product against the simulator, in this process, on an empty database. */
export type TestWorld = {
  readonly database: Database;
  readonly simulator: Simulator;
  readonly app: App;
  readonly storage: ObjectStorage;
  /** Stops the program and starts it again on the same database. */
  readonly restart: () => Promise<void>;
  readonly createChatbot: (options?: Partial<TestChatbot["options"]>) => Promise<TestChatbot>;
  /** Uploads a text as a document of the chatbot, and waits until it can be found. */
  readonly learn: (
    chatbot: TestChatbot,
    document: { readonly name: string; readonly text: string },
  ) => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** Signs the simulator's webhooks. */
export const APP_SECRET = "a secret of the tests";

/** Starts everything; `settings` are as in the environment. */
export async function startWorld(
  settings: Readonly<Record<string, string>> = {},
  options: {
    readonly parts?: readonly Part[];
    readonly database?: Database;
    readonly logger?: Logger;
  } = {},
): Promise<TestWorld> {
  const { parts = ["serve", "work"] } = options;
  const stack = new AsyncDisposableStack();
  const database = options.database ?? (await emptyDatabase());
  const simulator = await createSimulator({
    port: 0,
    webhookUrl: "http://127.0.0.1:9/not-yet",
    appSecret: APP_SECRET,
    // Tests deliver webhooks of their own, of which the simulator knows nothing.
    customerServiceWindow: "off",
    statusDelaysMs: { sent: 5, delivered: 5, read: 5 },
  });
  stack.defer(simulator.close);
  const dataFolder = await mkdtemp(join(tmpdir(), "parley-world-"));
  stack.defer(() => rm(dataFolder, { recursive: true }));
  const config = readConfig({
    DATA_DIR: dataFolder,
    PORT: "0",
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: "a token of the tests",
    GRAPH_API_BASE_URL: simulator.url,
    DEFAULT_MODEL: "openai:test",
    DEFAULT_EMBEDDING_MODEL: LOCAL_EMBEDDING_NAME,
    OPENAI_API_KEY: "test",
    OPENAI_BASE_URL: `${simulator.url}/openai/v1`,
    GEMINI_API_KEY: "test",
    GEMINI_BASE_URL: `${simulator.url}/gemini/v1beta`,
    ANTHROPIC_API_KEY: "test",
    ANTHROPIC_BASE_URL: `${simulator.url}/anthropic/v1`,
    OPENAI_COMPATIBLE_BASE_URL: `${simulator.url}/openai/v1`,
    COHERE_API_KEY: "test",
    COHERE_BASE_URL: `${simulator.url}/cohere/v2`,
    DRAIN_MS: "2000",
    LOG_LEVEL: process.env["TEST_LOG_LEVEL"] ?? "silent",
    ...settings,
  });
  const logger = options.logger ?? createLogger(config.LOG_LEVEL);
  const platform = await openPlatform(config, logger, async () => ({
    ...database,
    close: async () => {}, // it is shared by the tests of this process
  }));
  stack.defer(platform.close);
  const { keyRing, knowledge } = platform;
  const start = async () => {
    const app = await startApp(platform, { parts, simulatorUrl: null });
    simulator.setWebhook({ url: `${app.url}/webhook` });
    return app;
  };
  let app = await start();
  stack.defer(() => app.close());
  return {
    database,
    simulator,
    storage: knowledge.storage,
    get app() {
      return app;
    },
    restart: async () => {
      await app.close();
      app = await start();
    },
    learn: async ({ organizationId, chatbotId }, { name, text }) => {
      const { sourceId } = await uploadDocument(
        { ...knowledge, db: database.db, newId, allowPrivateAddresses: false },
        {
          organizationId,
          chatbotId,
          name,
          content: { kind: "bytes", bytes: Buffer.from(text) },
          sameName: "replace",
        },
      );
      const status = () =>
        asTenant(database.db, organizationId, async (tenant) => {
          const source = await findSource(tenant, sourceId);
          return source?.status;
        });
      await until(async () => (await status()) === "synced", 30_000);
    },
    createChatbot: (options = {}) => createTestChatbot({ database, keyRing, simulator }, options),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
