/**
 * Compares Parley's vector search with the plain query on one global HNSW index, over chatbots of all
 * sizes: `DATABASE_URL=… npm run bench:vectors [-- --chunks 300000 --chatbots 1000 --questions 40]`.
 * Vectors are synthetic; synthetic-vectors.ts says what they look like.
 */
import { parseArgs } from "node:util";
import { sql } from "kysely";
import { createEmbeddings } from "#providers/embeddings/embeddings.ts";
import { migrate } from "#store/migrate.ts";
import { openDatabase } from "#store/open-database.ts";
import { openBenchServer } from "../bench-database.ts";
import { table } from "../report.ts";
import { percentiles } from "../statistics.ts";
import { type BenchChatbot, createChatbots, planSizes, storePassages } from "./fill-database.ts";
import { measureIngestion } from "./measure-ingestion.ts";
import {
  exactSearch,
  makeQuestions,
  measureSearch,
  type OwnerDatabase,
  ourSearch,
  plainSearch,
} from "./measure-search.ts";
import { createVectorSource } from "./synthetic-vectors.ts";

const SIZE_CLASSES = [
  { name: "below 100", from: 0, to: 100 },
  { name: "100 to 300", from: 100, to: 300 },
  { name: "300 to 1,000", from: 300, to: 1_000 },
  { name: "1,000 to 5,000", from: 1_000, to: 5_000 },
  { name: "5,000 to 20,000", from: 5_000, to: 20_000 },
  { name: "20,000 and more", from: 20_000, to: Infinity },
];

const { values } = parseArgs({
  options: {
    chunks: { type: "string", default: "300000" },
    chatbots: { type: "string", default: "1000" },
    questions: { type: "string", default: "40" },
    ingest: { type: "string", default: "2000" },
  },
});
const serverUrl = process.env["DATABASE_URL"];
if (serverUrl === undefined) {
  process.stderr.write("The bench needs DATABASE_URL: a PostgreSQL server on this machine.\n");
  process.exit(2);
}
const tell = (line: string) => process.stderr.write(`${process.uptime().toFixed(0)} s: ${line}\n`);
const vectors = createVectorSource(1, "natural");
const server = await openBenchServer(serverUrl);
const database = await openDatabase({
  kind: "server",
  url: await server.createDatabase(),
  poolSize: 4,
});

/** The rival: the same vectors, and an index over all tenants as one makes it first. */
async function buildPlainIndex(owner: OwnerDatabase): Promise<void> {
  await sql`set statement_timeout = 0`.execute(owner);
  await sql`create table plain_chunks as select id, chatbot_id, embedding from document_chunks`.execute(
    owner,
  );
  await sql`create index on plain_chunks (chatbot_id)`.execute(owner);
  await sql`set maintenance_work_mem = '2GB'`.execute(owner);
  await sql`create index on plain_chunks using hnsw (embedding halfvec_cosine_ops)`.execute(owner);
  await sql`vacuum analyze plain_chunks`.execute(owner);
  await sql`vacuum analyze document_chunks`.execute(owner);
}

async function measureClass(owner: OwnerDatabase, chatbots: readonly BenchChatbot[]) {
  const count = Number(values.questions);
  const questions = await makeQuestions(owner, chatbots, { vectors, count });
  const truth: (readonly string[])[] = [];
  const exact = exactSearch(owner);
  for (const { chatbot, question } of questions) truth.push(await exact(chatbot, question));
  return {
    ours: await measureSearch(ourSearch(database), truth, questions),
    plain: await measureSearch(plainSearch(owner), truth, questions),
    exact: await measureSearch(exact, truth, questions),
  };
}

try {
  await migrate(database);
  const chatbots = await createChatbots(
    database,
    planSizes(Number(values.chunks), Number(values.chatbots)),
  );
  const [newcomer] = await createChatbots(database, [0]);
  const rows: (string | number)[][] = [];
  await storePassages(database, chatbots, vectors);
  tell("passages stored");
  await database.asOwner(async (owner) => {
    await buildPlainIndex(owner);
    tell("HNSW index built");
    for (const { name, from, to } of SIZE_CLASSES) {
      const inClass = chatbots.filter(({ size }) => size >= from && size < to);
      if (inClass.length === 0) continue;
      const measured = await measureClass(owner, inClass);
      for (const [method, { durationsMs, recall5 }] of Object.entries(measured)) {
        const { p50, p99 } = percentiles(durationsMs);
        rows.push([name, inClass.length, method, recall5.toFixed(3), p50, p99]);
      }
      tell(`measured ${name}`);
    }
  });
  process.stdout.write(
    table(["passages", "chatbots", "search", "recall@5", "p50, ms", "p99, ms"], rows),
  );
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
