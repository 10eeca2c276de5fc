import { sql } from "kysely";
import { asTenant } from "#store/as-tenant.ts";
import type { KnowledgeWorld, Learner } from "./knowledge-world.ts";

/** A text of about so many passages, no two of which are alike; each of them holds the word. */
export const textOf = (passages: number, word = "opening"): string =>
  Array.from({ length: passages * 40 }, (_, index) => `Sentence ${index} of ${word}.`).join(" ");

/** The passages that searches of a chatbot see, of those that hold the words. */
export const visiblePassages = async (
  world: KnowledgeWorld,
  { organizationId, chatbotId }: Learner,
  query = "",
) => {
  return asTenant(world.database.db, organizationId, async (tenant) => {
    const { rows } = await sql<{ content: string }>`
      select content from search_knowledge(${chatbotId}, null, array(
        select term from chatbot_terms where chatbot_id = ${chatbotId} and term > 0), 500)`.execute(
      tenant,
    );
    return rows.map(({ content }) => content).filter((content) => content.includes(query));
  });
};
