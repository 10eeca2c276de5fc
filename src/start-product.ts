import { loadLocalSecret } from "#platform/local-keys.ts";
import type { Logger } from "#platform/logger.ts";
import type { Simulator } from "#simulator/create-simulator.ts";
import { type App, startApp } from "./app.ts";
import { type Config, isGraphApiOfMeta } from "./config.ts";
import { openPlatform, type Platform, preparePlatform } from "./open-platform.ts";

/** The product running in this process, with everything that one person needs to try it. */
export type Product = {
  readonly platform: Platform;
  readonly url: string;
  /** The phone in the browser, when the simulator stands in for WhatsApp. */
  readonly simulatorUrl: string | null;
  readonly close: () => Promise<void>;
};

/** Number of the demo chatbot in the simulator. */
const DEMO_PHONE_NUMBER_ID = "100000000000001";

/**
 * `parley start`: migrates, serves and works in one process. Unless the settings name a real WhatsApp,
 * the simulator stands in for it, with a demo chatbot that answers.
 * @param createDemoChatbot makes a chatbot for the number, if it has none yet.
 */
export async function startProduct(
  config: Config,
  deps: {
    readonly logger: Logger;
    readonly createDemoChatbot: (platform: Platform, phoneNumberId: string) => Promise<void>;
    /** Called when the platform is open: commands may reach it from now on. */
    readonly onOpen: (platform: Platform) => void;
  },
): Promise<Product> {
  const stack = new AsyncDisposableStack();
  try {
    const simulated = needsSimulator(config) ? await startSimulator(config, stack) : null;
    const platform = await openPlatform(simulated?.config ?? config, deps.logger);
    stack.defer(platform.close);
    await preparePlatform(platform, "migrate");
    deps.onOpen(platform);
    if (simulated !== null) await deps.createDemoChatbot(platform, DEMO_PHONE_NUMBER_ID);
    const simulatorUrl = simulated?.simulator.url ?? null;
    const app: App = await startApp(platform, { parts: ["serve", "work"], simulatorUrl });
    stack.defer(app.close);
    const url = app.url ?? "";
    simulated?.simulator.setWebhook({ url: `${url}/webhook` });
    return { platform, url, simulatorUrl, close: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** `auto`: as long as nothing points to a real WhatsApp. */
function needsSimulator(config: Config): boolean {
  if (config.SIMULATOR !== "auto") return config.SIMULATOR === "on";
  return isGraphApiOfMeta(config) && config.WHATSAPP_APP_SECRET === undefined;
}

async function startSimulator(
  config: Config,
  stack: AsyncDisposableStack,
): Promise<{ readonly simulator: Simulator; readonly config: Config }> {
  // Loaded only here: an installation for real customers does not carry it.
  const { createSimulator } = await import("#simulator/create-simulator.ts");
  const appSecret =
    config.WHATSAPP_APP_SECRET ?? (await loadLocalSecret(config.DATA_DIR, "simulator-app-secret"));
  const simulator = await createSimulator({
    port: config.SIMULATOR_PORT ?? (config.PORT === 0 ? 0 : config.PORT + 1),
    webhookUrl: "http://127.0.0.1/",
    appSecret,
    phoneNumbers: [{ phoneNumberId: DEMO_PHONE_NUMBER_ID, displayName: "Parley demo" }],
  });
  stack.defer(simulator.close);
  return {
    simulator,
    config: { ...config, WHATSAPP_APP_SECRET: appSecret, GRAPH_API_BASE_URL: simulator.url },
  };
}
