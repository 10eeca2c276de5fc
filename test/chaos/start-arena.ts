import { randomInt, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { createKeyRing, generateKey, type KeyRing } from "#platform/key-ring.ts";
import { type Actor, createActor, type LogLine } from "./create-actor.ts";
import { createRandom } from "./create-random.ts";
import { type ActorName, createMoments, type Moments } from "./moments.ts";
import { createSimulatorClient, type SimulatorClient } from "./simulator-client.ts";
import { giveOrders, type Orders, startOrders } from "./start-orders.ts";
import { startRelay, type Way } from "./start-relay.ts";
import { createStatusWatch, type StatusWatch } from "./watch-statuses.ts";

/** A person who writes to one of the businesses. */
export type Customer = {
  readonly id: string;
  readonly phoneNumberId: string;
  /** How long the chatbot waits for more messages. */
  readonly replyDelayMs: number;
};

/** The whole product as separate processes, the outside world, and somebody who watches the database. */
export type Arena = {
  readonly simulator: SimulatorClient;
  /** What the chatbots' tool `order` calls. */
  readonly orders: Orders;
  /** Webhooks go to both in turn, and to the other one while one is dead. */
  readonly serves: readonly [Actor<ActorName>, Actor<ActorName>];
  readonly workers: readonly [Actor<ActorName>, Actor<ActorName>];
  readonly moments: Moments;
  /** A superuser's connection, which no strike cuts. */
  readonly observer: pg.Client;
  readonly customers: readonly [Customer, ...Customer[]];
  readonly logFolder: string;
  readonly statuses: Pick<StatusWatch, "longestMs">;
  /** Stops everything; a sentence for each process that ended by itself, or did not when asked to. */
  readonly close: () => Promise<readonly string[]>;
};

export type ArenaOptions = {
  readonly databaseUrl: string;
  readonly seed: number;
  readonly logFolder: string;
  /** How long delivery statuses are under way: a send of unknown outcome must wait for them. */
  readonly statusDelayMs: number;
};

/**
 * Time limits of a run, shorter than the product's own. What must hold between them holds here too: a
 * Graph call ends, and its status arrives, long before a send of unknown outcome may be repeated.
 */
export const TIMES = {
  modelMs: 5_000,
  graphMs: 1_500,
  outcomeWaitMs: 10_000,
  deadAfterMs: 1_500,
  drainMs: 2_000,
} as const;

const APP_SECRET = "a secret of the chaos";
const STOP_MS = 10_000;
/** Halves the time that a killed process needs to come back. */
const COMPILE_CACHE = join(tmpdir(), "parley-chaos-compile-cache");
/** One tenant each. Two answer at once, one waits for bursts. */
const REPLY_DELAYS_MS = [0, 0, 250];
const CUSTOMERS_EACH = 2;

/** Starts a simulator, two `serve`, two `work`, each a process, with a relay on each of its wires. */
export async function startArena(options: ArenaOptions): Promise<Arena> {
  mkdirSync(options.logFolder, { recursive: true });
  const closers = new AsyncDisposableStack();
  try {
    return await open(options, closers);
  } catch (error) {
    await closers.disposeAsync();
    throw error;
  }
}

async function open(options: ArenaOptions, closers: AsyncDisposableStack): Promise<Arena> {
  const { databaseUrl, logFolder } = options;
  const moments = createMoments();
  const statuses = createStatusWatch();
  const relay = async (choose: () => Way): Promise<string> => {
    const started = await startRelay({ ...options, choose, moments, onExchange: statuses.see });
    closers.defer(started.close);
    return started.url;
  };
  const observer = new pg.Client({ connectionString: databaseUrl });
  observer.on("error", () => {}); // the query under way tells
  await observer.connect();
  closers.defer(() => observer.end());

  const ports = { "serve-a": await freePort(), "serve-b": await freePort() };
  const serves: Actor<ActorName>[] = [];
  const webhookUrl = await relay(alternate(serves, ports));
  const simulatorUrl = await startSimulator({ ...options, webhookUrl }, closers);
  const encryptionKey = generateKey();
  const actor = async (name: ActorName): Promise<Actor<ActorName>> => {
    const port = name === "serve-a" || name === "serve-b" ? ports[name] : null;
    const started = createActor({
      name,
      argv: ["src/main.ts", port === null ? "work" : "serve"],
      environment: environmentOf({
        name,
        databaseUrl,
        worldUrl: await relay(() => ({ actor: name, targetUrl: simulatorUrl })),
        port: port ?? 0,
        encryptionKey,
        folder: logFolder,
      }),
      logFile: join(logFolder, `${name}.log`),
      readiness: port === null ? isWorking : { url: `http://127.0.0.1:${port}/healthz` },
    });
    closers.defer(() => {
      started.thaw();
      started.kill();
    });
    return started;
  };
  const both = [await actor("serve-a"), await actor("serve-b")] as const;
  serves.push(...both);
  const workers = [await actor("worker-a"), await actor("worker-b")] as const;
  const simulator = createSimulatorClient(simulatorUrl);
  const orders = await startOrders(createRandom(options.seed));
  closers.defer(orders.close);
  const keyRing = createKeyRing([encryptionKey]);
  const customers = await invite({ observer, simulator, orders, keyRing });
  const actors = [...both, ...workers];
  await Promise.all(actors.map((each) => each.start()));
  return {
    simulator,
    orders,
    serves: both,
    workers,
    moments,
    observer,
    customers,
    logFolder,
    statuses,
    close: async () => {
      const stopped = await Promise.all(actors.map((each) => each.stop(STOP_MS)));
      await closers.disposeAsync();
      return actors.flatMap(({ name, ownEnds }, index) => [
        ...(ownEnds() === 0 ? [] : [`${name} ended by itself ${ownEnds()} times`]),
        ...(stopped[index] === true ? [] : [`${name} did not stop when asked to`]),
      ]);
    },
  };
}

/** As a load balancer would: to those who live, one after the other. */
function alternate(
  serves: readonly Actor<ActorName>[],
  ports: Readonly<Record<"serve-a" | "serve-b", number>>,
): () => Way {
  let turn = 0;
  return () => {
    turn += 1;
    const alive = serves.filter((serve) => serve.isAlive());
    const actor = alive[turn % alive.length]?.name === "serve-b" ? "serve-b" : "serve-a";
    return { actor, targetUrl: `http://127.0.0.1:${ports[actor]}` };
  };
}

const isWorking = ({ msg }: LogLine): boolean => msg === "worker ready";

function environmentOf(process_: {
  readonly name: ActorName;
  readonly databaseUrl: string;
  readonly worldUrl: string;
  readonly port: number;
  readonly encryptionKey: string;
  readonly folder: string;
}): Record<string, string> {
  const databaseUrl = new URL(process_.databaseUrl);
  // Tells the strikes whose connections are whose.
  databaseUrl.searchParams.set("application_name", process_.name);
  return {
    PATH: process.env["PATH"] ?? "",
    DATABASE_URL: databaseUrl.href,
    DATABASE_POOL_SIZE: "5",
    DATA_DIR: join(process_.folder, process_.name),
    PORT: String(process_.port),
    SIMULATOR: "off",
    ENCRYPTION_KEYS: process_.encryptionKey,
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: "unused",
    GRAPH_API_BASE_URL: process_.worldUrl,
    OPENAI_BASE_URL: `${process_.worldUrl}/openai/v1`,
    OPENAI_API_KEY: "chaos",
    DEFAULT_MODEL: "openai:chaos",
    MODEL_TIMEOUT_MS: String(TIMES.modelMs),
    GRAPH_API_TIMEOUT_MS: String(TIMES.graphMs),
    SEND_OUTCOME_WAIT_MS: String(TIMES.outcomeWaitMs),
    WORKER_DEAD_AFTER_MS: String(TIMES.deadAfterMs),
    DRAIN_MS: String(TIMES.drainMs),
    FETCH_ALLOW_PRIVATE_ADDRESSES: "true", // the orders are on this machine
    LOG_LEVEL: "info",
    NODE_COMPILE_CACHE: COMPILE_CACHE,
  };
}

async function startSimulator(
  options: ArenaOptions & { readonly webhookUrl: string },
  closers: AsyncDisposableStack,
): Promise<string> {
  let url = "";
  const simulator = createActor({
    name: "simulator",
    argv: `simulator/main.ts --port 0 --seed ${options.seed} --webhook-url ${options.webhookUrl}/webhook`
      .split(" ")
      .concat("--app-secret", APP_SECRET),
    environment: { PATH: process.env["PATH"] ?? "", NODE_COMPILE_CACHE: COMPILE_CACHE },
    logFile: join(options.logFolder, "simulator.log"),
    readiness: ({ listening }) => {
      url = listening ?? url;
      return listening !== undefined;
    },
  });
  closers.defer(simulator.kill);
  await simulator.start();
  return url;
}

/** Makes the businesses, each of another tenant, and the people who write to them. */
async function invite(world: {
  readonly observer: pg.Client;
  readonly simulator: SimulatorClient;
  readonly orders: Orders;
  readonly keyRing: KeyRing;
}): Promise<[Customer, ...Customer[]]> {
  const customers: Customer[] = [];
  for (const [index, replyDelayMs] of REPLY_DELAYS_MS.entries()) {
    const organizationId = randomUUID();
    const phoneNumberId = String(700_000_000_001 + index);
    const sealed = world.keyRing.seal("token", { organizationId, column: "whatsapp_access_token" });
    await world.simulator.post("/sim/numbers", { phoneNumberId });
    await world.observer.query(
      "insert into organizations (id, name, slug) values ($1, 'Chaos', $2)",
      [organizationId, `chaos-${index}`],
    );
    await world.observer.query(
      `insert into chatbots (organization_id, name, whatsapp_phone_number_id, whatsapp_access_token,
         model, failure_message, reply_delay_ms)
       values ($1, 'Chaos', $2, $3, 'openai:chaos', 'Sorry, not now.', $4)`,
      [organizationId, phoneNumberId, sealed, replyDelayMs],
    );
    await giveOrders(world.observer, organizationId, world.orders);
    for (let each = 0; each < CUSTOMERS_EACH; each += 1) {
      const id = `c${customers.length + 1}`;
      customers.push({ id, phoneNumberId, replyDelayMs });
      // Every third person hides the phone number.
      const phone = customers.length % 3 === 0 ? {} : { phone: `+35191234567${customers.length}` };
      await world.simulator.post("/sim/customers", {
        id,
        userId: `PT.482001736552901${customers.length}`,
        ...phone,
      });
    }
  }
  const [first, ...others] = customers;
  if (first === undefined) throw new Error("Nobody was invited");
  return [first, ...others];
}

/**
 * A port that stays the same while `serve` is killed and started again: below those that systems give
 * to outgoing connections, or one of them could take it meanwhile.
 */
async function freePort(): Promise<number> {
  const server = createServer();
  try {
    server.listen(randomInt(12_000, 32_000), "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  } catch {
    return await freePort();
  } finally {
    server.close();
  }
}
