import { contextText } from "#knowledge/split/context-text.ts";
import type { TurnResult } from "#mailbox/turn-handler.ts";
import { asTenant, type TenantDatabase } from "#store/as-tenant.ts";
import { loadPassages } from "#store/document-chunks.ts";
import { postSweep } from "#store/document-mailbox.ts";
import {
  findLiveVersion,
  findReadyVersion,
  lockEmbeddingModels,
  logEmbeddingUsage,
  markReady,
  prepareVersion,
  retireStrayVersions,
  trySwitchModel,
} from "#store/source-versions.ts";
import { EMBEDDING_PRICES } from "#usage/model-prices.ts";
import type { DocumentRun } from "./document-handler.ts";
import { fillVersion, type PassageToEmbed } from "./fill-version.ts";
import type { IngestDeps } from "./ingest-document.ts";

/** Passages that are in memory at once, besides the batch that is being embedded. */
const LOADED_AT_ONCE = 100;

/**
 * Embeds what searches see of a document once more, by the chatbot's next model, and sets it aside. When
 * this was the last document, all change over together: no search ever mixes two models.
 */
export async function prepareNextModel(deps: IngestDeps, run: DocumentRun): Promise<TurnResult> {
  const { organizationId, source, session } = run;
  const begun = await asTenant(deps.db, organizationId, (tenant) => begin(tenant, run));
  if (begun !== null)
    await fillVersion(
      deps,
      {
        ...session,
        id: begun.version.id,
        organizationId,
        sourceId: source.id,
        embedding: deps.embeddings.get(begun.model),
      },
      { passages: storedPassages(deps, run, begun), onStored: run.onProgress },
    );
  return {
    kind: "done",
    effects: async (tenant) => {
      if (begun !== null) await markReady(tenant, begun.version.id);
      await logEmbeddingUsage(tenant, organizationId, {
        chatbotId: source.chatbotId,
        sourceId: source.id,
        turnId: session.turn.turnId,
        prices: EMBEDDING_PRICES,
      });
      await postSweep(tenant, source, null); // what was prepared for a model that is not wanted any more
      await trySwitchModel(tenant, source.chatbotId);
    },
  };
}

type Begun = {
  readonly model: string;
  readonly liveVersionId: string;
  readonly version: { readonly id: string; readonly storedPositions: ReadonlySet<number> };
};

/** Null: there is nothing to embed. */
async function begin(tenant: TenantDatabase, { source }: DocumentRun): Promise<Begun | null> {
  const models = await lockEmbeddingModels(tenant, source.chatbotId);
  await retireStrayVersions(tenant, source.id, models);
  const live = await findLiveVersion(tenant, source.id);
  const ready = await findReadyVersion(tenant, source.id);
  if (models.next === null || live === null || live.embeddingModel === models.next) return null;
  if (ready?.fingerprint === live.fingerprint) return null;
  const version = await prepareVersion(tenant, {
    sourceId: source.id,
    embeddingModel: models.next,
    fingerprint: live.fingerprint,
    chunksTotal: live.chunksTotal,
  });
  return version === null ? null : { model: models.next, liveVersionId: live.id, version };
}

async function* storedPassages(
  deps: IngestDeps,
  { organizationId, source }: DocumentRun,
  { liveVersionId, version }: Begun,
): AsyncGenerator<PassageToEmbed> {
  const title = source.title ?? source.name;
  let after = -1;
  for (;;) {
    const passages = await asTenant(deps.db, organizationId, (tenant) =>
      loadPassages(
        tenant,
        { id: liveVersionId, sourceId: source.id },
        { after, limit: LOADED_AT_ONCE },
      ),
    );
    for (const { terms, ...passage } of passages)
      if (!version.storedPositions.has(passage.position))
        yield {
          ...passage,
          textToEmbed: contextText({ title, ...passage }),
          buildTerms: () => terms,
        };
    const last = passages.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}
