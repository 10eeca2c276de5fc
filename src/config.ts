import { isAbsolute, join, resolve } from "node:path";
import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { LOG_LEVELS } from "#platform/logger.ts";

/** Meta's own address; any other is a simulator or a proxy. */
const GRAPH_API = "https://graph.facebook.com";

/** Folder of the project; relative paths in settings start here, whatever folder one calls from. */
export const PROJECT_FOLDER = join(import.meta.dirname, "..");

const port = z.coerce.number("must be a port number").int().min(0).max(65_535);
const url = z.url({ protocol: /^https?$/, error: "must be an http(s) address" });
const milliseconds = z.coerce
  .number("must be a number of milliseconds")
  .int()
  .min(0)
  .max(86_400_000);
const count = z.coerce.number("must be a whole number").int().min(1).max(10_000);
const flag = z
  .enum(["true", "false"], "must be true or false")
  .transform((value) => value === "true");
const modelName = z
  .string()
  .regex(/^[a-z-]+:.+$/, "must be provider:model, such as openai:gpt-5-mini");

/**
 * Every setting of Parley: name, rule, default. `.env.example` explains each; a test keeps the two
 * equal. Only main.ts reads the environment; everybody else gets what they need as an argument.
 */
const Environment = z.object({
  PORT: port.default(3000),
  HOST: z.string().default("127.0.0.1"),
  METRICS_PORT: port.optional(),
  DATABASE_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: "must look like postgres://user:password@host:5432/name",
    })
    .optional(),
  DATABASE_POOL_SIZE: count.default(10),
  DATA_DIR: z.string().default("./data"),
  ENCRYPTION_KEYS: z
    .string()
    .transform((value) =>
      value
        .split(",")
        .map((key) => key.trim())
        .filter((key) => key !== ""),
    )
    .refine(
      (keys): keys is [string, ...string[]] =>
        keys.length > 0 && keys.every((key) => Buffer.from(key, "base64").length === 32),
      "must be base64 keys of 32 bytes, separated by commas; make one with: openssl rand -base64 32",
    )
    .optional(),

  WHATSAPP_APP_SECRET: z.string().optional(),
  WHATSAPP_VERIFY_TOKEN: z.string().optional(),
  WHATSAPP_PHONE_NUMBER_ID: z.string().optional(),
  WHATSAPP_ACCESS_TOKEN: z.string().optional(),
  WEBHOOK_ALLOW_UNSIGNED: flag.default(false),
  GRAPH_API_BASE_URL: url.default(GRAPH_API),
  GRAPH_API_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/, "must look like v26.0")
    .default("v26.0"),
  GRAPH_API_TIMEOUT_MS: milliseconds.default(15_000),
  SIMULATOR: z.enum(["auto", "on", "off"], "must be auto, on or off").default("auto"),
  SIMULATOR_PORT: port.optional(),

  DEFAULT_MODEL: modelName.default("demo:extractive"),
  MODEL_TIMEOUT_MS: milliseconds.default(60_000),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: url.default("https://api.openai.com/v1"),
  GEMINI_API_KEY: z.string().optional(),
  GEMINI_BASE_URL: url.default("https://generativelanguage.googleapis.com/v1beta"),
  ANTHROPIC_API_KEY: z.string().optional(),
  ANTHROPIC_BASE_URL: url.default("https://api.anthropic.com/v1"),
  OPENAI_COMPATIBLE_API_KEY: z.string().optional(),
  OPENAI_COMPATIBLE_BASE_URL: url.optional(),

  DEFAULT_TRANSCRIPTION_MODEL: z.union([z.literal("none"), modelName]).optional(),

  DEFAULT_EMBEDDING_MODEL: modelName.optional(),
  COHERE_API_KEY: z.string().optional(),
  COHERE_BASE_URL: url.default("https://api.cohere.com/v2"),
  RERANKING_API_KEY: z.string().optional(),
  RERANKING_BASE_URL: url.optional(),
  RERANKING_TIMEOUT_MS: milliseconds.default(2_000),
  S3_ENDPOINT: url.optional(),
  S3_BUCKET: z.string().optional(),
  S3_REGION: z.string().default("us-east-1"),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  S3_TIMEOUT_MS: milliseconds.default(30_000),
  FETCH_ALLOW_PRIVATE_ADDRESSES: flag.default(false),

  WINDMILL_URL: url.default("http://localhost:8081"),
  WINDMILL_WORKSPACE: z.string().default("parley"),
  WINDMILL_TOKEN: z.string().optional(),

  REPLY_LONGEST_WAIT_MS: milliseconds.default(5_000),
  SEND_OUTCOME_WAIT_MS: milliseconds.default(15_000),
  HUMAN_PAUSE_MINUTES: z.coerce
    .number("must be a number of minutes")
    .int()
    .min(1)
    .max(100_000)
    .default(60),
  WORKER_PLACES: count.default(200),
  ORGANIZATION_TURN_CAP: count.default(50),
  WORKER_DOCUMENT_PLACES: count.default(2),
  WORKER_DEAD_AFTER_MS: milliseconds.default(6_000),
  DRAIN_MS: milliseconds.default(20_000),
  WEBHOOK_EVENT_RETENTION_DAYS: count.default(7),
  TURN_RETENTION_DAYS: count.default(30),
  MEDIA_RETENTION_DAYS: count.default(30),

  SLACK_WEBHOOK_URL: url.optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`).default("info"),
});

/** The settings, read once at start. */
export type Config = z.infer<typeof Environment>;

/** Names of all settings, for the test that keeps `.env.example` complete. */
export const SETTING_NAMES: readonly string[] = Object.keys(Environment.shape);

/**
 * Reads the settings. An empty value counts as not set.
 * @throws AppError SETTINGS_INVALID with a sentence for each wrong setting. Values are not quoted:
 *   they may be secrets.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => SETTING_NAMES.includes(name) && value !== "",
    ),
  );
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const sentences = parsed.error.issues.map(
      (issue) => `${String(issue.path[0])}: ${issue.message}`,
    );
    throw new AppError(
      "SETTINGS_INVALID",
      `Settings cannot be used. ${[...new Set(sentences)].join("; ")}`,
    );
  }
  const config = parsed.data;
  return {
    ...config,
    DATA_DIR: isAbsolute(config.DATA_DIR)
      ? config.DATA_DIR
      : resolve(PROJECT_FOLDER, config.DATA_DIR),
  };
}

/** Whether messages go to Meta itself, and not to a simulator or proxy. */
export const isGraphApiOfMeta = (config: Config): boolean =>
  config.GRAPH_API_BASE_URL === GRAPH_API;
