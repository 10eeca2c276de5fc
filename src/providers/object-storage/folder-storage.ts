import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "#domain/errors.ts";
import { assertKey, type ObjectStorage, objectMissing } from "./object-storage.ts";

/**
 * Object storage in a folder of this machine: for one machine, or for several that share the folder.
 * @param newId makes the names of files that are not whole yet.
 */
export function createFolderStorage(folder: string, newId: () => string): ObjectStorage {
  const pathOf = (key: string): string => {
    assertKey(key);
    return join(folder, key);
  };
  return {
    put: (key, bytes) => withFolder(() => writeWhole(pathOf(key), bytes, newId())),
    get: (key) => withFolder(() => readFile(pathOf(key))),
    remove: (key) => withFolder(() => rm(pathOf(key), { force: true })),
    removeAll: (prefix) => withFolder(() => rm(pathOf(prefix), { recursive: true, force: true })),
  };
}

/** Under its name only when it is on the disk: a crash leaves no half object. */
async function writeWhole(path: string, bytes: Uint8Array, id: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${id}.draft`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

async function withFolder<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT") throw objectMissing(error);
    throw new AppError(
      "STORAGE_UNAVAILABLE",
      "The folder with the originals of documents cannot be used.",
      {
        cause: error,
        details: { reason: String(code) },
      },
    );
  }
}
