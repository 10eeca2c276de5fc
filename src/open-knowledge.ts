import { join } from "node:path";
import { AppError } from "#domain/errors.ts";
import { newId } from "#platform/new-id.ts";
import { LOCAL_EMBEDDING_NAME } from "#providers/embeddings/embedding-name.ts";
import { createEmbeddings, type Embeddings } from "#providers/embeddings/embeddings.ts";
import { createGuardedFetch, type GuardedFetch } from "#providers/guarded-fetch/guarded-fetch.ts";
import { createFolderStorage } from "#providers/object-storage/folder-storage.ts";
import type { ObjectStorage } from "#providers/object-storage/object-storage.ts";
import { createS3Storage } from "#providers/object-storage/s3-storage.ts";
import { createRerankings, type Rerankings } from "#providers/reranking/rerankings.ts";
import type { Config } from "./config.ts";

/** What documents are kept, fetched and embedded with. */
export type KnowledgeServices = {
  readonly storage: ObjectStorage;
  readonly guardedFetch: GuardedFetch;
  readonly embeddings: Embeddings;
  readonly rerankings: Rerankings;
  /** For chatbots that have learned nothing yet. */
  readonly defaultEmbeddingModel: string;
  readonly close: () => Promise<void>;
};

/** As specified, where there is a key for it. */
const SPECIFIED_EMBEDDING_MODEL = "openai:text-embedding-ada-002";

/** Opens the services of the knowledge; none connects to anything before it is used. */
export function openKnowledge(config: Config): KnowledgeServices {
  const embeddings = createEmbeddings({
    openai: { apiKey: config.OPENAI_API_KEY, baseUrl: config.OPENAI_BASE_URL },
    google: { apiKey: config.GEMINI_API_KEY, baseUrl: config.GEMINI_BASE_URL },
    openaiCompatible: {
      apiKey: config.OPENAI_COMPATIBLE_API_KEY,
      baseUrl: config.OPENAI_COMPATIBLE_BASE_URL,
    },
    timeoutMs: config.MODEL_TIMEOUT_MS,
  });
  const rerankings = createRerankings({
    cohere: { apiKey: config.COHERE_API_KEY, baseUrl: config.COHERE_BASE_URL },
    compatible: { apiKey: config.RERANKING_API_KEY, baseUrl: config.RERANKING_BASE_URL },
    timeoutMs: config.RERANKING_TIMEOUT_MS,
  });
  const guardedFetch = createGuardedFetch({
    allowPrivateAddresses: config.FETCH_ALLOW_PRIVATE_ADDRESSES,
  });
  const usual =
    config.OPENAI_API_KEY === undefined ? LOCAL_EMBEDDING_NAME : SPECIFIED_EMBEDDING_MODEL;
  return {
    storage: openStorage(config),
    guardedFetch,
    embeddings,
    rerankings,
    defaultEmbeddingModel: config.DEFAULT_EMBEDDING_MODEL ?? usual,
    close: async () => {
      await Promise.all([embeddings.close(), rerankings.close(), guardedFetch.close()]);
    },
  };
}

function openStorage(config: Config): ObjectStorage {
  const { S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = config;
  if (S3_ENDPOINT === undefined) return createFolderStorage(join(config.DATA_DIR, "files"), newId);
  if (
    S3_BUCKET === undefined ||
    S3_ACCESS_KEY_ID === undefined ||
    S3_SECRET_ACCESS_KEY === undefined
  )
    throw new AppError(
      "SETTINGS_INVALID",
      "S3_ENDPOINT needs S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, too.",
    );
  return createS3Storage({
    endpoint: S3_ENDPOINT,
    bucket: S3_BUCKET,
    region: config.S3_REGION,
    accessKeyId: S3_ACCESS_KEY_ID,
    secretAccessKey: S3_SECRET_ACCESS_KEY,
    timeoutMs: config.S3_TIMEOUT_MS,
  });
}
