import { sql } from "kysely";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase, Database } from "#store/database.ts";
import type { BenchChatbot } from "./fill-database.ts";
import type { VectorSource } from "./synthetic-vectors.ts";

/** One connection as the owner of the tables: row-level security does not slow it. */
export type OwnerDatabase = AppDatabase;

/** What was measured of one way of searching, in chatbots of about one size. */
export type SearchMeasurement = {
  readonly durationsMs: readonly number[];
  /** Share of the true five nearest that were found, over all questions. */
  readonly recall5: number;
};

/** The nearest five passages of a chatbot to a question. */
export type Search = (chatbot: BenchChatbot, question: string) => Promise<readonly string[]>;

const NEAREST = 5;

type Rows = { readonly rows: readonly { readonly id: string }[] };
const ids = ({ rows }: Rows): string[] => rows.map(({ id }) => id);

/** Parley's search, as `parley_app` under row-level security. */
export function ourSearch(database: Database): Search {
  return (chatbot, question) =>
    asTenant(database.db, chatbot.organizationId, async (tenant) =>
      ids(
        await sql<{
          id: string;
        }>`select id::text from search_knowledge_base(${chatbot.chatbotId}::uuid,
          ${question}::vector(1536), ${NEAREST}::integer, -1::double precision)`.execute(tenant),
      ),
    );
}

/** What one writes first: a filter, an order, and a global HNSW index with its defaults. */
export function plainSearch(owner: OwnerDatabase): Search {
  return async (chatbot, question) =>
    ids(
      await sql<{
        id: string;
      }>`select id::text from plain_chunks where chatbot_id = ${chatbot.chatbotId}::uuid
          order by embedding <=> ${question}::halfvec(1536) limit ${NEAREST}`.execute(owner),
    );
}

/** The same with what pgvector offers for filters: it goes on looking until it has enough. */
export function iterativeSearch(owner: OwnerDatabase): Search {
  return (chatbot, question) =>
    owner.connection().execute(async (connection) => {
      await sql`begin; set local hnsw.iterative_scan = relaxed_order; set local hnsw.ef_search = 200; set local jit = off`.execute(
        connection,
      );
      try {
        return await plainSearch(connection)(chatbot, question);
      } finally {
        await sql`commit`.execute(connection);
      }
    });
}

/** The truth: every passage of the chatbot compared. The materialised part keeps the index out. */
export function exactSearch(owner: OwnerDatabase): Search {
  return async (chatbot, question) =>
    ids(
      await sql<{ id: string }>`with all_of_it as materialized (
            select id, embedding <=> ${question}::halfvec(1536) as distance from plain_chunks
            where chatbot_id = ${chatbot.chatbotId}::uuid)
          select id::text from all_of_it order by distance limit ${NEAREST}`.execute(owner),
    );
}

/** The questions of a size class, each near a passage of its chatbot. */
export async function makeQuestions(
  owner: OwnerDatabase,
  chatbots: readonly BenchChatbot[],
  options: { readonly vectors: VectorSource; readonly count: number },
): Promise<readonly { readonly chatbot: BenchChatbot; readonly question: string }[]> {
  const questions = [];
  for (let made = 0; made < options.count; made += 1) {
    const chatbot = chatbots[options.vectors.below(chatbots.length)];
    if (chatbot === undefined) break;
    const position = options.vectors.below(chatbot.size);
    const { rows } = await sql<{ embedding: string }>`select embedding::text from document_chunks
      where source_id = ${chatbot.sourceId}::uuid and position = ${position}`.execute(owner);
    const [row] = rows;
    if (row !== undefined)
      questions.push({ chatbot, question: options.vectors.question(row.embedding) });
  }
  return questions;
}

/**
 * Asks each question twice, and measures the second time: with warm connections and plans, and with
 * the same pages in memory for every way of searching.
 */
export async function measureSearch(
  search: Search,
  truth: readonly (readonly string[])[],
  questions: Awaited<ReturnType<typeof makeQuestions>>,
): Promise<SearchMeasurement> {
  const durationsMs: number[] = [];
  let [found, wanted] = [0, 0];
  for (const { chatbot, question } of questions) await search(chatbot, question);
  for (const [index, { chatbot, question }] of questions.entries()) {
    const start = performance.now();
    const got = await search(chatbot, question);
    durationsMs.push(performance.now() - start);
    const nearest = truth[index] ?? [];
    found += nearest.filter((id) => got.includes(id)).length;
    wanted += nearest.length;
  }
  return { durationsMs, recall5: found / wanted };
}
