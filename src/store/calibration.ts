import { sql } from "kysely";
import { z } from "zod";
import type { ChatbotId } from "#domain/ids.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/** Shorter messages are greetings and thanks; longer ones are pasted text. */
const LETTERS_MIN = 12;
const LETTERS_MAX = 1_000;

/** What customers asked a chatbot last, each question once: people's words, never to be shown. */
export async function listCustomersQuestions(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await sql`
    select question from (
      select content as question, sent_at as asked_at from (
        select content, sent_at from messages
        where chatbot_id = ${chatbotId} and author = 'customer' and type = 'text' and revoked_at is null
          and char_length(content) between ${LETTERS_MIN} and ${LETTERS_MAX} and content ~ '[?？؟]'
        order by id desc limit ${10 * limit}) recent
      union all
      select question, last_at from knowledge_gaps
      where chatbot_id = ${chatbotId} and status <> 'dismissed'
    ) asked
    group by question order by max(asked_at) desc limit ${limit}`.execute(tenant);
  return rows.map((row) => z.object({ question: z.string() }).parse(row).question);
}

/** Stores a threshold, unless the chatbot has another embedding model by now: then false. */
export async function storeSimilarityThreshold(
  tenant: TenantDatabase,
  chatbotId: ChatbotId,
  calibrated: { readonly model: string; readonly threshold: number },
): Promise<boolean> {
  const { rows } = await sql`
    update chatbots set similarity_threshold = ${calibrated.threshold}
    where id = ${chatbotId} and embedding_model = ${calibrated.model} returning id`.execute(tenant);
  return rows.length > 0;
}
