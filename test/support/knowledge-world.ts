import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { ChatbotId, OrganizationId } from "#domain/ids.ts";
import type { KnowledgeSource, SourceId } from "#domain/knowledge.ts";
import { extractDocument } from "#knowledge/extract/extract-document.ts";
import {
  createDocumentHandler,
  type DocumentHandlerDeps,
} from "#knowledge/ingest/document-handler.ts";
import { createSweepHandler } from "#knowledge/ingest/sweep-handler.ts";
import { createSyncSchedule, KNOWLEDGE_SYNC } from "#knowledge/ingest/sync-schedule.ts";
import { type Upload, uploadDocument } from "#knowledge/ingest/upload-document.ts";
import { runTurn } from "#mailbox/run-turn.ts";
import type { TurnHandler } from "#mailbox/turn-handler.ts";
import { createTurnSession } from "#mailbox/turn-session.ts";
import { systemClock } from "#platform/clock.ts";
import { silentLogger } from "#platform/logger.ts";
import { newId } from "#platform/new-id.ts";
import type { Embedding } from "#providers/embeddings/embedding.ts";
import { hashEmbedding } from "#providers/embeddings/hash-embedding.ts";
import type { FetchRequest, FetchResult } from "#providers/guarded-fetch/guarded-fetch.ts";
import { createFolderStorage } from "#providers/object-storage/folder-storage.ts";
import type { ObjectStorage } from "#providers/object-storage/object-storage.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { Database } from "#store/database.ts";
import { findSource } from "#store/knowledge-sources.ts";
import { checkpointSteps, claimTurns, type TurnOwner } from "#store/mailboxes.ts";
import { emptyDatabase } from "./test-database.ts";

/** A chatbot that learns. */
export type Learner = { readonly organizationId: OrganizationId; readonly chatbotId: ChatbotId };

/** The knowledge of an empty platform, whose turns run when the test says so. */
export type KnowledgeWorld = {
  readonly database: Database;
  readonly storage: ObjectStorage;
  /** Texts of each call of the embedding model. */
  readonly embedded: string[][];
  /** Names and addresses of the documents whose text was extracted, in their order. */
  readonly extracted: string[];
  /** Called before each call of the embedding model; may throw. */
  readonly onEmbed: { hook: (call: number) => void | Promise<void> };
  /** Answers fetches. */
  readonly web: { fetch: (page: FetchRequest) => Promise<FetchResult> };
  readonly createLearner: (organizationId?: OrganizationId) => Promise<Learner>;
  readonly upload: (
    learner: Learner,
    document: Partial<Upload> & { text?: string; url?: string },
  ) => Promise<SourceId>;
  /** Runs one attempt of each turn that is due. @returns their outcomes. */
  readonly attempt: () => Promise<readonly string[]>;
  /** Runs turns, without waiting where they back off, until none is left. */
  readonly work: () => Promise<void>;
  readonly source: (learner: Learner, id: SourceId) => Promise<KnowledgeSource | null>;
  readonly rows: (text: string) => Promise<readonly Record<string, unknown>[]>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** Passages in one call of the test's embedding model. */
export const BATCH = 4;

/** Opens it on an empty database. */
export async function openKnowledgeWorld(): Promise<KnowledgeWorld> {
  const database = await emptyDatabase();
  const { db } = database;
  const folder = await mkdtemp(join(tmpdir(), "parley-knowledge-"));
  const storage = createFolderStorage(folder, newId);
  const embedded: string[][] = [];
  const extracted: string[] = [];
  const onEmbed: KnowledgeWorld["onEmbed"] = { hook: () => {} };
  const web: KnowledgeWorld["web"] = {
    fetch: () => Promise.reject(new Error("no page in this test")),
  };
  const open = (model: string): Embedding => ({
    model,
    dimensions: 1536,
    batchSize: BATCH,
    embedPassages: async (texts) => {
      await onEmbed.hook(embedded.length);
      embedded.push([...texts]);
      const tokens = texts.length * 10;
      return { vectors: texts.map((text) => hashEmbedding(`${model} ${text}`)), tokens };
    },
    embedQuestion: async (text) => ({ vector: hashEmbedding(`${model} ${text}`), tokens: 1 }),
  });
  const deps: DocumentHandlerDeps = {
    db,
    databaseKind: database.kind,
    storage,
    clock: systemClock,
    logger: silentLogger,
    guardedFetch: { fetch: (page) => web.fetch(page) },
    embeddings: { get: open },
    extract: (file, options) => {
      extracted.push(file.url ?? file.name ?? "");
      return extractDocument(file, options);
    },
    defaultEmbeddingModel: "test:first",
    firstWaitMs: 60_000,
  };
  const handlers = new Map<string, TurnHandler>([
    ["document", createDocumentHandler(deps)],
    ["knowledge-sweep", createSweepHandler(deps)],
    [KNOWLEDGE_SYNC, createSyncSchedule(deps)],
  ]);
  const attempt = () => attemptAll({ database, handlers });
  const owner = (text: string) =>
    database.asOwner(
      async (own) => (await sql.raw<Record<string, unknown>>(text).execute(own)).rows,
    );
  return {
    database,
    storage,
    embedded,
    extracted,
    onEmbed,
    web,
    attempt,
    rows: owner,
    createLearner: (organizationId) => createLearner(database, organizationId),
    upload: async ({ organizationId, chatbotId }, { text, url, ...document }) => {
      const { sourceId } = await uploadDocument(
        { db, storage, newId, allowPrivateAddresses: false },
        {
          organizationId,
          chatbotId,
          name: "Handbook",
          content:
            url === undefined
              ? { kind: "bytes", bytes: Buffer.from(text ?? "") }
              : { kind: "url", url },
          sameName: "replace",
          ...document,
        },
      );
      return sourceId;
    },
    work: async () => {
      for (let round = 0; round < 50; round += 1) {
        await owner(
          "update mailboxes set run_at = now() where owner is null and handler not like '%sync'",
        );
        if ((await attempt()).length === 0) return;
      }
      throw new Error("The turns never end");
    },
    source: ({ organizationId }, id) =>
      asTenant(db, organizationId, (tenant) => findSource(tenant, id)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function createLearner(database: Database, given?: OrganizationId): Promise<Learner> {
  const organizationId = given ?? OrganizationId.parse(randomUUID());
  const chatbotId = ChatbotId.parse(randomUUID());
  await database.asOwner(async (db) => {
    await sql`insert into organizations (id, name, slug) values (${organizationId}, 'Test', ${`t-${organizationId}`})
      on conflict do nothing`.execute(db);
    await sql`insert into chatbots (id, organization_id, name, whatsapp_phone_number_id, whatsapp_access_token, model, failure_message)
      values (${chatbotId}, ${organizationId}, 'Test', ${chatbotId}, 'sealed', 'demo:extractive', 'Sorry')`.execute(
      db,
    );
  });
  return { organizationId, chatbotId };
}

async function attemptAll(world: {
  readonly database: Database;
  readonly handlers: ReadonlyMap<string, TurnHandler>;
}): Promise<readonly string[]> {
  const { db } = world.database;
  const worker = "test";
  const { turns } = await claimTurns(db, {
    worker,
    places: 50,
    organizationCap: 50,
    documentPlaces: 50,
  });
  const outcomes: string[] = [];
  for (const turn of turns.filter(({ handler }) => world.handlers.has(handler))) {
    const owner: TurnOwner = { key: turn.key, fence: turn.fence, worker };
    const session = createTurnSession(
      {
        owner,
        signal: new AbortController().signal,
        storeSteps: (steps) => checkpointSteps(db, owner, steps),
        later: (work) => setImmediate(work),
        isAlive: () => true,
      },
      turn,
    );
    const ended = await runTurn(
      { db, handlers: world.handlers, logger: silentLogger, random: () => 0 },
      session,
    );
    outcomes.push(ended.outcome);
    // The next turn of the same mailbox would follow at once; here it waits for the next attempt.
    if (ended.next?.turn != null)
      await world.database.asOwner((own) =>
        sql`update mailboxes set owner = null, attempt = 0 where key = ${turn.key}`.execute(own),
      );
  }
  return outcomes;
}
