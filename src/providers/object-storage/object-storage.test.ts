import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "#platform/new-id.ts";
import { createFolderStorage } from "./folder-storage.ts";
import { objectKey, type ObjectStorage } from "./object-storage.ts";
import { createS3Storage } from "./s3-storage.ts";

const OWN = "0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c";
const OTHER = "0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3d";
const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);

let folder: string;
let server: S3rver;
let storages: Readonly<Record<string, ObjectStorage>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-storage-"));
  server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory: join(folder, "s3"),
    configureBuckets: [{ name: "documents" }],
  });
  const { port } = await server.run();
  storages = {
    folder: createFolderStorage(join(folder, "files"), newId),
    "S3 server": s3(`http://127.0.0.1:${port}`),
  };
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

function s3(endpoint: string): ObjectStorage {
  return createS3Storage({
    endpoint,
    bucket: "documents",
    region: "us-east-1",
    accessKeyId: "S3RVER",
    secretAccessKey: "S3RVER",
    timeoutMs: 5_000,
  });
}

describe.each(["folder", "S3 server"])("a %s", (kind) => {
  const storage = (): ObjectStorage => storages[kind] ?? expect.unreachable();

  test("gives back what was put, and takes a new version over it", async () => {
    const key = objectKey(OWN, "chatbot", "source-1");
    await storage().put(key, bytes);
    expect(new Uint8Array(await storage().get(key))).toEqual(bytes);

    await storage().put(key, bytes.subarray(0, 10));
    expect(new Uint8Array(await storage().get(key))).toEqual(bytes.subarray(0, 10));
  });

  test("says that an object is missing, and does not mind removing it again", async () => {
    const key = objectKey(OWN, "chatbot", "source-2");
    await storage().put(key, bytes);
    await storage().remove(key);
    await storage().remove(key);
    await expect(storage().get(key)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("removes a folder and nothing beside it", async () => {
    const gone = [objectKey(OWN, "chatbot-a", "x"), objectKey(OWN, "chatbot-a", "deeper", "y")];
    const kept = [objectKey(OWN, "chatbot-ab", "x"), objectKey(OTHER, "chatbot-a", "x")];
    for (const key of [...gone, ...kept]) await storage().put(key, bytes.subarray(0, 3));

    await storage().removeAll(objectKey(OWN, "chatbot-a"));

    for (const key of gone)
      await expect(storage().get(key)).rejects.toMatchObject({ code: "NOT_FOUND" });
    for (const key of kept) expect((await storage().get(key)).length).toBe(3);
  });

  test.for([
    "../etc/passwd",
    `${OWN}/../${OTHER}/x`,
    `${OWN}/..`,
    `${OWN}//x`,
    `${OWN}/a\0`,
    "x",
    "",
  ])("takes no key that could lead out of it: %j", async (key) => {
    for (const act of [storage().get, storage().remove, storage().removeAll])
      await expect(act(key)).rejects.toMatchObject({ code: "INTERNAL" });
    await expect(storage().put(key, bytes)).rejects.toMatchObject({ code: "INTERNAL" });
  });
});

test("objects in a folder are for their owner's eyes only, and no draft is left", async () => {
  const key = objectKey(OWN, "private", "source");
  await storages["folder"]?.put(key, bytes);
  const path = join(folder, "files", key);

  expect((await stat(path)).mode & 0o077).toBe(0);
  expect(await readdir(join(path, ".."))).toEqual(["source"]);
});

test("an S3 server that is away is a trouble that may pass", async () => {
  await expect(s3("http://127.0.0.1:9").get(objectKey(OWN, "x"))).rejects.toMatchObject({
    code: "STORAGE_UNAVAILABLE",
    retryable: true,
  });
});
