import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchServer } from "./bench-database.ts";
import { findFreePort, spawnProcess, until } from "./processes.ts";
import { PARLEY } from "./subjects.ts";

/** Milliseconds from the start of `parley start` to the moments that people notice. */
export type StartMeasurement = {
  readonly name: string;
  /** The web server is ready. */
  readonly readyMs: number;
  /** A customer's message has been answered. */
  readonly answeredMs: number;
};

/** The demo chatbot's number; see src/start-product.ts. */
const DEMO_PHONE_NUMBER_ID = "100000000000001";

/** Starts the product as after `git clone`: with its simulator and its demo chatbot. */
export async function measureStarts(server: BenchServer): Promise<readonly StartMeasurement[]> {
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-"));
  try {
    const embedded = { DATABASE_URL: "", DATA_DIR: folder };
    const onServer = { DATABASE_URL: await server.createDatabase(), DATA_DIR: folder };
    return [
      await measureStart("embedded database, new folder", embedded),
      await measureStart("embedded database, second start", embedded),
      await measureStart("PostgreSQL, empty database", onServer),
      await measureStart("PostgreSQL, second start", onServer),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureStart(
  name: string,
  database: { readonly DATABASE_URL: string; readonly DATA_DIR: string },
): Promise<StartMeasurement> {
  const [port, simulatorPort] = [await findFreePort(), await findFreePort()];
  const simulatorUrl = `http://127.0.0.1:${simulatorPort}`;
  const startedMs = performance.now();
  const start = spawnProcess([PARLEY, "start"], {
    ...database,
    PORT: String(port),
    SIMULATOR: "on",
    SIMULATOR_PORT: String(simulatorPort),
    LOG_LEVEL: "warn",
  });
  const often = { timeoutMs: 60_000, everyMs: 5 };
  try {
    const isReady = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
    await until("parley start", isReady, often);
    const readyMs = performance.now() - startedMs;
    const sent = await fetch(`${simulatorUrl}/sim/send`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        phoneNumberId: DEMO_PHONE_NUMBER_ID,
        customer: { name: "Bench", phone: "+4915000000000" },
        content: { type: "text", text: "Hello!" },
      }),
    });
    if (!sent.ok) throw new Error(`The simulator refused: ${await sent.text()}`);
    await (await fetch(`${simulatorUrl}/sim/sent?atLeast=1`)).text();
    return { name, readyMs, answeredMs: performance.now() - startedMs };
  } finally {
    await start.stop();
  }
}
