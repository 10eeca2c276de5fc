import { ALL_COMMANDS } from "#cli/commands/all-commands.ts";
import { createChatbot } from "#cli/commands/create-chatbot.ts";
import { findOrCreateOrganization } from "#cli/commands/find-organization.ts";
import { createControlServer } from "#cli/control-server.ts";
import type { Role } from "#cli/program.ts";
import { AppError } from "#domain/errors.ts";
import { lockDataFolder } from "#platform/data-folder.ts";
import { loadLocalSecret } from "#platform/local-keys.ts";
import type { Logger } from "#platform/logger.ts";
import type { Simulator } from "#simulator/create-simulator.ts";
import { findRoute } from "#store/webhook-events.ts";
import { startApp } from "./app.ts";
import { type Config, isGraphApiOfMeta } from "./config.ts";
import { openPlatform, type Platform, preparePlatform } from "./open-platform.ts";

/** The product running in this process. */
export type Product = {
  /** Where it serves; null for a worker. */
  readonly url: string | null;
  /** The phone in the browser, when the simulator stands in for WhatsApp. */
  readonly simulatorUrl: string | null;
  readonly close: () => Promise<void>;
};

export type StartProductDeps = { readonly logger: Logger; readonly version: string };

/** Number of the demo chatbot in the simulator. */
const DEMO_PHONE_NUMBER_ID = "100000000000001";

/**
 * Starts the product in one of its roles. `start` migrates, serves and works, and unless the settings
 * name a real WhatsApp, the simulator stands in for it with a demo chatbot that answers. `serve` and
 * `work` are for several processes on a database server, whose schema `parley migrate` has made.
 */
export async function startProduct(
  role: Role,
  config: Config,
  deps: StartProductDeps,
): Promise<Product> {
  if (role !== "start" && config.DATABASE_URL === undefined)
    throw new AppError(
      "SETTINGS_INVALID",
      `DATABASE_URL: "${role}" needs a database server; on the embedded database, run "start".`,
    );
  const stack = new AsyncDisposableStack();
  try {
    const opened = Promise.withResolvers<Platform>();
    opened.promise.catch(() => {}); // without a command that waits, nobody looks at it
    if (config.DATABASE_URL === undefined) await takeDataFolder(config, deps, { opened, stack });
    const simulator =
      role === "start" && needsSimulator(config) ? await startSimulator(config) : null;
    if (simulator !== null) stack.defer(simulator.close);
    const platform = await openPlatform(await withSimulator(config, simulator), deps.logger);
    stack.defer(platform.close);
    await preparePlatform(platform, role === "start" ? "migrate" : "check");
    opened.resolve(platform);
    if (simulator !== null) await ensureDemoChatbot(platform);
    const app = await startApp(platform, {
      parts: role === "start" ? ["serve", "work"] : [role],
      simulatorUrl: simulator?.url ?? null,
    });
    stack.defer(app.close);
    simulator?.setWebhook({ url: `${app.url ?? ""}/webhook` });
    return {
      url: app.url,
      simulatorUrl: simulator?.url ?? null,
      close: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** The embedded database belongs to one process, through which commands reach it meanwhile. */
async function takeDataFolder(
  config: Config,
  deps: StartProductDeps,
  joined: {
    readonly opened: { readonly promise: Promise<Platform> };
    readonly stack: AsyncDisposableStack;
  },
): Promise<void> {
  const lock = await lockDataFolder(config.DATA_DIR, {
    handle: createControlServer({
      platform: joined.opened.promise,
      commands: ALL_COMMANDS,
      version: deps.version,
      logger: deps.logger,
    }),
  });
  joined.stack.defer(lock.release);
}

/** `auto`: as long as nothing points to a real WhatsApp. */
function needsSimulator(config: Config): boolean {
  if (config.SIMULATOR !== "auto") return config.SIMULATOR === "on";
  return isGraphApiOfMeta(config) && config.WHATSAPP_APP_SECRET === undefined;
}

async function startSimulator(config: Config): Promise<Simulator> {
  // Loaded only here: an installation for real customers does not carry it.
  const { createSimulator } = await import("#simulator/create-simulator.ts");
  const port = config.SIMULATOR_PORT ?? (config.PORT === 0 ? 0 : config.PORT + 1);
  try {
    return await createSimulator({
      port,
      host: config.HOST,
      webhookUrl: "http://127.0.0.1/",
      appSecret: await simulatorAppSecret(config),
      phoneNumbers: [{ phoneNumberId: DEMO_PHONE_NUMBER_ID, displayName: "Parley demo" }],
    });
  } catch (cause) {
    throw new AppError(
      "SETTINGS_INVALID",
      `SIMULATOR_PORT: the simulator cannot listen on ${config.HOST}:${port}. Does something else run there?`,
      { cause },
    );
  }
}

/** What signs the simulator's webhooks: made once, so that nobody else on this machine can. */
async function simulatorAppSecret(config: Config): Promise<string> {
  return config.WHATSAPP_APP_SECRET ?? loadLocalSecret(config.DATA_DIR, "simulator-app-secret");
}

async function withSimulator(config: Config, simulator: Simulator | null): Promise<Config> {
  if (simulator === null) return config;
  return {
    ...config,
    ...simulatedHearing(config, simulator),
    WHATSAPP_APP_SECRET: await simulatorAppSecret(config),
    GRAPH_API_BASE_URL: simulator.url,
  };
}

/** Without a model that hears, the simulator does: it knows what the voice messages of its phone say. */
function simulatedHearing(config: Config, simulator: Simulator): Partial<Config> {
  const { DEFAULT_TRANSCRIPTION_MODEL, OPENAI_API_KEY, OPENAI_COMPATIBLE_BASE_URL } = config;
  const given = [DEFAULT_TRANSCRIPTION_MODEL, OPENAI_API_KEY, OPENAI_COMPATIBLE_BASE_URL];
  if (given.some((setting) => setting !== undefined)) return {};
  return {
    DEFAULT_TRANSCRIPTION_MODEL: "openai-compatible:simulated",
    OPENAI_COMPATIBLE_BASE_URL: `${simulator.url}/openai/v1`,
  };
}

/** The chatbot that a newcomer talks to. */
async function ensureDemoChatbot(platform: Platform): Promise<void> {
  if ((await findRoute(platform.database.db, DEMO_PHONE_NUMBER_ID)) !== null) return;
  const organization = await findOrCreateOrganization(platform, "Demo");
  await createChatbot(platform, organization, {
    name: "Parley demo",
    phoneNumberId: DEMO_PHONE_NUMBER_ID,
    accessToken: "simulator",
    model: platform.config.DEFAULT_MODEL,
  });
}
