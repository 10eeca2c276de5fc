import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { ChatbotId, OrganizationId } from "#domain/ids.ts";
import type { Database } from "#store/database.ts";
import type { VectorSource } from "./synthetic-vectors.ts";

/** A chatbot of the bench, and how many passages it knows. */
export type BenchChatbot = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly sourceId: string;
  readonly size: number;
};

const BATCH = 250;

/** Subjects in the world, and those that one chatbot deals with: many customers share a business. */
const TOPICS = 400;
const TOPICS_OF_CHATBOT = 20;

/** Shares of all passages that the three largest chatbots have: of 300,000 two have above 50,000. */
const LARGEST_SHARES = [0.2, 0.18, 0.1];

/** Three large chatbots, and a long tail of others (Zipf, exponent 0.8, at least 20). */
export function planSizes(chunks: number, chatbots: number): number[] {
  const largest = LARGEST_SHARES.map((share) => Math.round(chunks * share));
  const weights = Array.from(
    { length: chatbots - largest.length },
    (_, index) => (index + 1) ** -0.8,
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const rest = chunks - largest.reduce((sum, size) => sum + size, 0);
  return [
    ...largest,
    ...weights.map((weight) => Math.max(20, Math.round((rest * weight) / total))),
  ];
}

/** Makes the chatbots, each of an organization of its own, with a document. */
export async function createChatbots(
  database: Database,
  sizes: readonly number[],
): Promise<BenchChatbot[]> {
  const chatbots = sizes.map((size) => ({
    organizationId: OrganizationId.parse(randomUUID()),
    chatbotId: ChatbotId.parse(randomUUID()),
    sourceId: randomUUID(),
    size,
  }));
  const given = JSON.stringify(chatbots);
  const each = sql`jsonb_to_recordset(${given}::jsonb) as g ("organizationId" uuid, "chatbotId" uuid, "sourceId" uuid)`;
  await database.asOwner(async (db) => {
    await sql`insert into organizations (id, name, slug)
      select "organizationId", 'Bench', 'bench-' || "organizationId" from ${each}`.execute(db);
    await sql`insert into chatbots (id, organization_id, name, whatsapp_phone_number_id, whatsapp_access_token,
        model, failure_message, embedding_model)
      select "chatbotId", "organizationId", 'Bench', "chatbotId", 'sealed', 'demo:extractive', 'Sorry.', 'bench'
      from ${each}`.execute(db);
    await sql`insert into knowledge_sources (id, organization_id, chatbot_id, source_type, name)
      select "sourceId", "organizationId", "chatbotId", 'text', 'Bench' from ${each}`.execute(db);
  });
  return chatbots;
}

/** Stores the passages of all chatbots, interleaved as they would come in over the years. */
export async function storePassages(
  database: Database,
  chatbots: readonly BenchChatbot[],
  vectors: VectorSource,
): Promise<void> {
  const owners = shuffle(
    chatbots.flatMap((chatbot, index) => Array.from({ length: chatbot.size }, () => index)),
    vectors,
  );
  const positions = chatbots.map(() => 0);
  await database.asOwner(async (db) => {
    for (let start = 0; start < owners.length; start += BATCH) {
      const rows = owners.slice(start, start + BATCH).map((owner) => {
        const position = positions[owner] ?? 0;
        positions[owner] = position + 1;
        const topic = (owner * 7 + vectors.below(TOPICS_OF_CHATBOT)) % TOPICS;
        const { organizationId, chatbotId, sourceId } = chatbots[owner] ?? {};
        return { organizationId, chatbotId, sourceId, position, embedding: vectors.passage(topic) };
      });
      // without words; yet the terms' trigger counts a chatbot's passages
      await sql`with added as (
          insert into document_chunks (organization_id, chatbot_id, source_id, position, content,
            embedding_model, embedding)
          select "organizationId", "chatbotId", "sourceId", position, repeat('x', 1000), 'bench', embedding::halfvec(1536)
          from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g ("organizationId" uuid, "chatbotId" uuid,
            "sourceId" uuid, position integer, embedding text)
          returning id, organization_id, chatbot_id)
        insert into chunk_terms (chunk_id, organization_id, chatbot_id, terms)
        select id, organization_id, chatbot_id, '{}/1000000000' from added`.execute(db);
    }
  });
}

function shuffle(items: number[], vectors: VectorSource): number[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = vectors.below(last + 1);
    [items[last], items[other]] = [items[other] ?? 0, items[last] ?? 0];
  }
  return items;
}
