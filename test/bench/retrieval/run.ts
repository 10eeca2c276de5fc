/**
 * Measures how well questions find their documents, through production's own path:
 * `npm run bench:retrieval [-- FOLDER … --runs OUT --embedding NAME]`. A folder holds a collection
 * (`corpus.jsonl`, `queries.jsonl`, `qrels.tsv`) or several. Runs in memory, or in a database of its
 * own on the server of DATABASE_URL.
 */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createKeyRing, generateKey } from "#platform/key-ring.ts";
import { createEmbeddings } from "#providers/embeddings/embeddings.ts";
import type { Database } from "#store/database.ts";
import { migrate } from "#store/migrate.ts";
import { openDatabase } from "#store/open-database.ts";
import { createTestChatbot } from "../../support/create-test-chatbot.ts";
import { openBenchServer } from "../bench-database.ts";
import { table } from "../report.ts";
import { percentiles } from "../statistics.ts";
import { evaluate, writeRun, type Run } from "./evaluate.ts";
import { loadCollection } from "./load-collection.ts";
import { type Collection, findCollections, readCollection } from "./read-collection.ts";
import { runMethods } from "./search-methods.ts";
import { plainWords, productionTerms, runTrueBm25 } from "./true-bm25.ts";

const ROOT = join(import.meta.dirname, "../../..");
const DEFAULT_FOLDERS = [
  join(ROOT, "../shared/data/retrieval"),
  join(ROOT, "test/fixtures/retrieval"),
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string" }, embedding: { type: "string", default: "local:hash" } },
});
const embeddings = createEmbeddings({
  openai: provider("OPENAI"),
  google: provider("GEMINI"),
  openaiCompatible: provider("OPENAI_COMPATIBLE"),
  timeoutMs: 60_000,
});
const embedding = embeddings.get(values.embedding);

function provider(name: string) {
  return { apiKey: process.env[`${name}_API_KEY`], baseUrl: process.env[`${name}_BASE_URL`] };
}

const rows: (string | number)[][] = [];

async function measure(database: Database, collection: Collection): Promise<void> {
  const world = {
    database,
    keyRing: createKeyRing([generateKey()]),
    simulator: { addPhoneNumber: () => {} },
  };
  const target = { database, embedding, ...(await createTestChatbot(world, {})) };
  const documentIds = await loadCollection(target, collection);
  const runs = await runMethods(target, collection.questions, documentIds);
  const add = (method: string, run: Run, more: readonly (string | number)[] = ["", ""]) => {
    const { ndcg10, recall5 } = evaluate(collection, run);
    rows.push([collection.name, method, ndcg10.toFixed(4), recall5.toFixed(4), ...more]);
  };
  add("true BM25, plain words", runTrueBm25(collection, plainWords));
  add("true BM25, our terms", runTrueBm25(collection, productionTerms));
  add("lexical", runs.lexical);
  add(`vector (${embedding.model})`, runs.vector);
  const { p50, p99 } = percentiles(runs.fusedMs);
  add("fused", runs.fused, [
    `${(100 * runs.passing).toFixed(0)} %`,
    `${p50.toFixed(1)} / ${p99.toFixed(1)}`,
  ]);
  if (values.runs !== undefined) await writeRuns(values.runs, collection.name, runs);
}

/** One collection goes into the folder itself, several into a folder each. */
async function writeRuns(
  out: string,
  name: string,
  runs: { readonly lexical: Run; readonly vector: Run; readonly fused: Run },
): Promise<void> {
  const folder = folders.length === 1 ? out : join(out, name);
  await mkdir(folder, { recursive: true });
  for (const method of ["lexical", "vector", "fused"] as const) {
    await writeFile(join(folder, `${method}.run`), writeRun(runs[method], method));
  }
}

const given =
  positionals.length > 0 ? positionals : DEFAULT_FOLDERS.filter((path) => existsSync(path));
const folders = (await Promise.all(given.map(findCollections))).flat();
if (folders.length === 0) {
  process.stderr.write("There is no collection: name a folder with corpus.jsonl in it.\n");
  process.exit(2);
}
const serverUrl = process.env["DATABASE_URL"];
const server = serverUrl === undefined ? null : await openBenchServer(serverUrl);
const database = await openDatabase(
  server === null
    ? { kind: "memory" }
    : { kind: "server", url: await server.createDatabase(), poolSize: 4 },
);
try {
  await migrate(database);
  for (const folder of folders) {
    const collection = await readCollection(folder);
    const { documents, questions, name } = collection;
    process.stderr.write(`${name}: ${documents.length} documents, ${questions.length} questions\n`);
    await measure(database, collection);
  }
  process.stdout.write(
    table(
      ["collection", "method", "nDCG@10", "Recall@5", "pass the threshold", "search p50 / p99, ms"],
      rows,
    ),
  );
} finally {
  await database.close();
  await server?.close();
  await embeddings.close();
}
