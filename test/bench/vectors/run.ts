/**
 * Compares Parley's vector search with the plain query on one global HNSW index, over chatbots of all
 * sizes: `DATABASE_URL=… npm run bench:vectors [-- --chunks 300000 --chatbots 1000 --questions 100]`.
 * Vectors are synthetic; synthetic-vectors.ts says what they look like (`--spectrum natural`, or `flat`).
 */
import { parseArgs } from "node:util";
import { createEmbeddings } from "#providers/embeddings/embeddings.ts";
import { migrate } from "#store/migrate.ts";
import { openDatabase } from "#store/open-database.ts";
import { openBenchServer } from "../bench-database.ts";
import { table } from "../report.ts";
import { percentiles } from "../statistics.ts";
import { buildOwnIndexes, buildPlainIndex, measureBitsIndex } from "./build-indexes.ts";
import { type BenchChatbot, createChatbots, planSizes, storePassages } from "./fill-database.ts";
import { measureIngestion } from "./measure-ingestion.ts";
import {
  exactSearch,
  iterativeSearch,
  makeQuestions,
  measureSearch,
  type OwnerDatabase,
  ourSearch,
  plainSearch,
  type Search,
} from "./measure-search.ts";
import { createVectorSource } from "./synthetic-vectors.ts";

const SIZE_CLASSES = [
  { name: "below 100", from: 0, to: 100 },
  { name: "100 to 300", from: 100, to: 300 },
  { name: "300 to 1,000", from: 300, to: 1_000 },
  { name: "1,000 to 5,000", from: 1_000, to: 5_000 },
  { name: "5,000 to 20,000", from: 5_000, to: 20_000 },
  { name: "20,000 to 50,000", from: 20_000, to: 50_001 },
  { name: "above 50,000", from: 50_001, to: Infinity },
];

const { values } = parseArgs({
  options: {
    chunks: { type: "string", default: "300000" },
    chatbots: { type: "string", default: "1000" },
    questions: { type: "string", default: "100" },
    spectrum: { type: "string", default: "natural" },
    ingest: { type: "string", default: "2000" },
  },
});
const serverUrl = process.env["DATABASE_URL"];
if (serverUrl === undefined) {
  process.stderr.write("The bench needs DATABASE_URL: a PostgreSQL server on this machine.\n");
  process.exit(2);
}
const tell = (line: string) => process.stderr.write(`${process.uptime().toFixed(0)} s: ${line}\n`);
const vectors = createVectorSource(1, values.spectrum === "flat" ? "flat" : "natural");
const server = await openBenchServer(serverUrl);
const database = await openDatabase({
  kind: "server",
  url: await server.createDatabase(),
  poolSize: 4,
});

type Measured = Awaited<ReturnType<typeof prepareClass>>;

/** Chatbots of about one size, what they are asked, and what is true. */
async function prepareClass(
  owner: OwnerDatabase,
  sizeClass: (typeof SIZE_CLASSES)[number],
  all: readonly BenchChatbot[],
) {
  const chatbots = all.filter(({ size }) => size >= sizeClass.from && size < sizeClass.to);
  const count = Number(values.questions);
  const questions = await makeQuestions(owner, chatbots, { vectors, count });
  const truth: (readonly string[])[] = [];
  const exact = exactSearch(owner);
  for (const { chatbot, question } of questions) truth.push(await exact(chatbot, question));
  return { name: sizeClass.name, chatbots: chatbots.length, questions, truth };
}

async function measureRow(name: string, search: Search, measured: Measured) {
  const { durationsMs, recall5 } = await measureSearch(search, measured.truth, measured.questions);
  const { p50, p99 } = percentiles(durationsMs);
  return [measured.name, String(measured.chatbots), name, recall5.toFixed(3), p50, p99];
}

async function measureAll(owner: OwnerDatabase, chatbots: readonly BenchChatbot[]) {
  const indexes = [await measureBitsIndex(owner), await buildPlainIndex(owner)];
  tell("global HNSW index built");
  const rows: (string | number)[][] = [];
  const last = SIZE_CLASSES.at(-1);
  for (const sizeClass of SIZE_CLASSES) {
    const prepared = await prepareClass(owner, sizeClass, chatbots);
    if (prepared.questions.length === 0) continue;
    if (sizeClass === last) {
      rows.push(await measureRow("ours, without its own index", ourSearch(database), prepared));
      indexes.push(...(await buildOwnIndexes(database, owner)));
      tell("own HNSW indexes built");
    }
    rows.push(
      await measureRow("ours", ourSearch(database), prepared),
      await measureRow("one HNSW, defaults", plainSearch(owner), prepared),
      await measureRow("one HNSW, iterative", iterativeSearch(owner), prepared),
      await measureRow("exact", exactSearch(owner), prepared),
    );
    tell(`measured ${sizeClass.name}`);
  }
  process.stdout.write(
    table(["passages", "chatbots", "search", "recall@5", "p50, ms", "p99, ms"], rows),
  );
  const costs = indexes.map(({ name, seconds, sizeMb }) => [name, seconds, sizeMb]);
  process.stdout.write(table(["index", "build, s", "size, MB"], costs));
}

try {
  await migrate(database);
  const chatbots = await createChatbots(
    database,
    planSizes(Number(values.chunks), Number(values.chatbots)),
  );
  const [newcomer] = await createChatbots(database, [0]);
  await storePassages(database, chatbots, vectors);
  tell(`${chatbots.reduce((sum, { size }) => sum + size, 0)} passages stored`);
  await database.asOwner((owner) => measureAll(owner, chatbots));
  const embedding = createEmbeddings({ timeoutMs: 60_000 }).get("local:hash");
  if (newcomer !== undefined && Number(values.ingest) > 0) {
    const chunks = Number(values.ingest);
    const { chunksPerSecond, memoryMb } = await measureIngestion(database, newcomer, {
      embedding,
      chunks,
    });
    process.stdout.write(
      table(
        ["ingestion", "chunks/s", "memory, MB"],
        [[embedding.model, chunksPerSecond, memoryMb]],
      ),
    );
  }
} finally {
  await database.close();
  await server.close();
}
