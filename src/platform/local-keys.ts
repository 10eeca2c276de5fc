import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#domain/errors.ts";
import { generateKey } from "./key-ring.ts";

/**
 * The secret of a name that this installation made for itself, in a file that only its owner can
 * read. Made at the first call; several processes that start at once agree on one.
 * @throws AppError DATA_FOLDER_UNUSABLE.
 */
export async function loadLocalSecret(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const known = await readSecret(path);
    if (known !== null) return known;
    // Written aside and linked into place: a crash in between leaves no half a secret.
    const draft = `${path}.${process.pid}.new`;
    await writeFile(draft, `${generateKey()}\n`, { mode: 0o600 });
    await link(draft, path).catch(ignoreExisting);
    await rm(draft);
    return (await readSecret(path)) ?? "";
  } catch (cause) {
    throw new AppError(
      "DATA_FOLDER_UNUSABLE",
      `The data folder ${folder} cannot be written. Is the disk full, or does it belong to somebody else?`,
      { cause },
    );
  }
}

async function readSecret(path: string): Promise<string | null> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
}
