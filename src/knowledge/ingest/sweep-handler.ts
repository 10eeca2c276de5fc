import { ChatbotId, type OrganizationId } from "#domain/ids.ts";
import { SweepTask } from "#domain/knowledge.ts";
import type { TurnHandler, TurnSession } from "#mailbox/turn-handler.ts";
import type { ObjectStorage } from "#providers/object-storage/object-storage.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import { deleteSource, listRemovedSources } from "#store/knowledge-sources.ts";
import { logEmbeddingUsage, sweepRetired } from "#store/source-versions.ts";
import { EMBEDDING_PRICES } from "#usage/model-prices.ts";
import { createPace, type PaceDeps } from "./create-pace.ts";
import { dropReading } from "./kept-reading.ts";

export type SweepDeps = PaceDeps & {
  readonly db: AppDatabase;
  readonly storage: ObjectStorage;
};

/**
 * Tidies up behind a chatbot's documents: passages that were replaced, documents that were removed, and
 * their originals. Nothing of it has been visible any more.
 */
export function createSweepHandler(deps: SweepDeps): TurnHandler {
  return {
    run: async (session) => {
      const { organizationId, key } = session.turn;
      if (organizationId === null) return { kind: "skipped" };
      const chatbotId = ChatbotId.parse(key.slice(key.indexOf(":") + 1));
      // What a version has cost must be told before it goes.
      await asTenant(deps.db, organizationId, (tenant) =>
        logEmbeddingUsage(tenant, organizationId, {
          chatbotId,
          sourceId: null,
          turnId: session.turn.turnId,
          prices: EMBEDDING_PRICES,
        }),
      );
      await removePassages(deps, session, { organizationId, chatbotId });
      await removeDocuments(deps, { organizationId, chatbotId });
      for (const message of session.turn.messages) {
        const { obsoleteFile } = SweepTask.parse(message);
        if (obsoleteFile !== null) await deps.storage.remove(obsoleteFile);
      }
      return { kind: "done" };
    },
    fail: async () => null,
  };
}

type Owner = { readonly organizationId: OrganizationId; readonly chatbotId: ChatbotId };

async function removePassages(deps: SweepDeps, session: TurnSession, owner: Owner): Promise<void> {
  const pace = createPace(deps);
  let removed: number;
  do {
    session.assertOwned();
    const size = pace.size();
    removed = await pace.run(size, () =>
      asTenant(deps.db, owner.organizationId, (tenant) =>
        sweepRetired(tenant, owner.chatbotId, size),
      ),
    );
  } while (removed > 0);
}

async function removeDocuments(deps: SweepDeps, owner: Owner): Promise<void> {
  const removed = await asTenant(deps.db, owner.organizationId, (tenant) =>
    listRemovedSources(tenant, owner.chatbotId),
  );
  for (const { id, filePath } of removed) {
    if (filePath !== null) await deps.storage.remove(filePath);
    await dropReading(deps, { ...owner, id });
    await asTenant(deps.db, owner.organizationId, (tenant) => deleteSource(tenant, id));
  }
}
