import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { uploadDocument } from "#knowledge/ingest/upload-document.ts";
import { newId } from "#platform/new-id.ts";
import { asTenant } from "#store/as-tenant.ts";
import { findSource } from "#store/knowledge-sources.ts";
import { migrate } from "#store/migrate.ts";
import { openDatabase } from "#store/open-database.ts";
import { readConfig } from "../../../src/config.ts";
import { openKnowledge } from "../../../src/open-knowledge.ts";
import { APP_SECRET, startWorld } from "../../support/start-world.ts";
import { percentiles } from "../statistics.ts";
import { buildManual } from "./build-manual.ts";

const { values } = parseArgs({
  options: {
    pages: { type: "string", default: "744" },
    rate: { type: "string", default: "20" },
    folder: { type: "string", default: "/tmp/parley-bench-ingestion" },
    /** Embeds by a service in another process instead of here. */
    remote: { type: "boolean", default: false },
  },
});
let number = 0;
const pages = Number(values.pages);
const rate = Number(values.rate);

const service = values.remote ? await startService() : null;
const settings = {
  DATA_DIR: values.folder,
  ...(service === null
    ? {}
    : {
        DEFAULT_EMBEDDING_MODEL: "openai-compatible:test",
        OPENAI_COMPATIBLE_BASE_URL: service.url,
      }),
};
const embedded = process.env["DATABASE_URL"] === undefined ? await openOnDisk() : null;
await using world = await startWorld(settings, embedded === null ? {} : { database: embedded });
const { organizationId, chatbotId, phoneNumberId } = await world.createChatbot({
  model: "openai:test",
});
const { db } = world.database;
const manual = buildManual(pages);
console.log(
  `${world.database.kind} database, a PDF of ${pages} pages (${(manual.length / 2 ** 20).toFixed(1)} MB), ${rate} webhooks a second, all in one process`,
);

await measure(() => sleep(5_000)); // warms up
const quiet = await measure(() => sleep(10_000));
report("before", quiet);

const startedMs = performance.now();
const busy = await measure(async () => {
  const { sourceId } = await uploadDocument(
    {
      db,
      storage: openKnowledge(readConfig(settings)).storage,
      newId,
      allowPrivateAddresses: false,
    },
    {
      organizationId,
      chatbotId,
      name: "Manual",
      content: { kind: "bytes", bytes: manual },
      sameName: "replace",
    },
  );
  const stepsMs: Record<string, number> = {};
  for (;;) {
    const source = await asTenant(db, organizationId, (tenant) => findSource(tenant, sourceId));
    if (source?.status === "synced") break;
    if (source?.status === "failed") throw new Error(source.reason ?? "failed");
    stepsMs[source?.step ?? "pending"] = Math.round(performance.now() - startedMs);
    await sleep(100);
  }
  const source = await asTenant(db, organizationId, (tenant) => findSource(tenant, sourceId));
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(
    `learned: ${source?.pages} pages, ${source?.chunks} passages in ${seconds.toFixed(1)} s (${((source?.chunks ?? 0) / seconds).toFixed(0)} passages/s); steps ended at ${JSON.stringify(stepsMs)} ms`,
  );
});
report("while it is learned", busy);
service?.stop();

/** As the product has it without DATABASE_URL; what tests use is in memory. */
async function openOnDisk() {
  await rm(values.folder, { recursive: true, force: true });
  const database = await openDatabase({
    kind: "embedded",
    folder: join(values.folder, "database"),
  });
  await migrate(database);
  return database;
}

async function startService() {
  const child = spawn(process.execPath, [join(import.meta.dirname, "embedding-server.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return { url: String(line).trim(), stop: () => child.kill() };
}

type Measured = {
  readonly latencies: readonly number[];
  readonly heldMaxMs: number;
  readonly heldMaxAtSeconds: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly rssMaxMb: number;
};

/** Sends webhooks at a steady rate, whatever their answers take, until the work is done. */
async function measure(work: () => Promise<unknown>): Promise<Measured> {
  const latencies: number[] = [];
  // By processor time of the main thread, so that other programs on the machine do not count.
  let heldMax = 0;
  let heldMaxAtMs = 0;
  let usedMs = threadCpuMs();
  const beginMs = performance.now();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const meter = setInterval(() => {
    const nowMs = threadCpuMs();
    if (nowMs - usedMs > heldMax) {
      heldMax = nowMs - usedMs;
      heldMaxAtMs = performance.now() - beginMs;
    }
    usedMs = nowMs;
  }, 1);
  let rssMax = 0;
  const sent: Promise<void>[] = [];
  const timer = setInterval(() => {
    rssMax = Math.max(rssMax, process.memoryUsage.rss());
    sent.push(send().then((ms) => void latencies.push(ms)));
  }, 1_000 / rate);
  await work();
  clearInterval(timer);
  await Promise.all(sent);
  clearInterval(meter);
  delay.disable();
  return {
    latencies,
    heldMaxMs: heldMax,
    heldMaxAtSeconds: heldMaxAtMs / 1_000,
    loopDelayP99Ms: delay.percentile(99) / 1e6,
    loopDelayMaxMs: delay.max / 1e6,
    rssMaxMb: rssMax / 2 ** 20,
  };
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

async function send(): Promise<number> {
  number += 1;
  const body = JSON.stringify({
    object: "whatsapp_business_account",
    entry: [
      {
        id: "1",
        changes: [
          {
            field: "messages",
            value: {
              messaging_product: "whatsapp",
              metadata: { display_phone_number: "15550000000", phone_number_id: phoneNumberId },
              messages: [
                {
                  from: `1555${String(number).padStart(8, "0")}`,
                  id: `wamid.bench.${number}`,
                  timestamp: String(Math.floor(Date.now() / 1000)),
                  type: "text",
                  text: { body: "Hello, do you still have a table for four?" },
                },
              ],
            },
          },
        ],
      },
    ],
  });
  const signature = createHmac("sha256", APP_SECRET).update(body).digest("hex");
  const startedMs = performance.now();
  const answer = await fetch(`${world.app.url}/webhook`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` },
    body,
  });
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`The webhook answers ${answer.status}`);
  return performance.now() - startedMs;
}

function report(when: string, measured: Measured): void {
  const { latencies, heldMaxMs, heldMaxAtSeconds, rssMaxMb } = measured;
  const { p50, p99 } = percentiles(latencies);
  const max = Math.max(...latencies);
  console.log(
    `${when}: ${latencies.length} webhooks, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${max.toFixed(0)} ms; event loop late by ${measured.loopDelayP99Ms.toFixed(1)} ms (p99), ${measured.loopDelayMaxMs.toFixed(0)} ms (most); main thread held at most ${heldMaxMs.toFixed(0)} ms of processor time (after ${heldMaxAtSeconds.toFixed(1)} s); ${rssMaxMb.toFixed(0)} MB resident`,
  );
}
