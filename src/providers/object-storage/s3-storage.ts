import { S3mini } from "s3mini";
import { AppError } from "#domain/errors.ts";
import { assertKey, type ObjectStorage, objectMissing } from "./object-storage.ts";

/** A bucket on any server that speaks S3. */
export type S3Settings = {
  /** Of the server, without the bucket: https://s3.eu-central-1.amazonaws.com */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** For one request, in milliseconds. */
  readonly timeoutMs: number;
};

/** Object storage in a bucket, which must exist. */
export function createS3Storage(settings: S3Settings): ObjectStorage {
  const bucket = new S3mini({
    endpoint: `${settings.endpoint.replace(/\/+$/, "")}/${settings.bucket}`,
    region: settings.region,
    accessKeyId: settings.accessKeyId,
    secretAccessKey: settings.secretAccessKey,
    requestAbortTimeout: settings.timeoutMs,
  });
  return {
    put: (key, bytes) =>
      withBucket(key, async () => {
        await bucket.putObject(key, bytes, "application/octet-stream");
      }),
    get: (key) =>
      withBucket(key, async () => {
        const bytes = await bucket.getObjectArrayBuffer(key);
        if (bytes === null) throw objectMissing();
        return new Uint8Array(bytes);
      }),
    remove: (key) => withBucket(key, () => removeOne(bucket, key)),
    removeAll: (folder) => withBucket(folder, () => removeFolder(bucket, `${folder}/`)),
  };
}

async function removeOne(bucket: S3mini, key: string): Promise<void> {
  await bucket.deleteObject(key);
}

/** One by one, in no hurry: not every server knows how to remove many at once. */
async function removeFolder(bucket: S3mini, prefix: string): Promise<void> {
  const objects = (await bucket.listObjects("/", prefix)) ?? [];
  for (const { Key } of objects) await removeOne(bucket, Key);
}

async function withBucket<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  assertKey(key);
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(
      "STORAGE_UNAVAILABLE",
      "The S3 server with the originals of documents does not answer as it should.",
      { cause },
    );
  }
}
