import { readdir, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";

/** Something to learn, as it was typed or found in a folder. */
export type FoundFile =
  | { readonly kind: "url"; readonly name: string; readonly url: string }
  | {
      readonly kind: "file";
      readonly name: string;
      readonly path: string;
      readonly sizeBytes: number;
    }
  | { readonly kind: "missing"; readonly name: string };

/**
 * What the arguments of `knowledge add` mean: addresses, files, and all files of folders in the order of
 * their names, but no hidden ones. A file of a folder is named by its way from there.
 */
export async function listFiles(paths: readonly string[]): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  for (const path of paths) {
    if (/^https?:\/\//i.test(path)) found.push({ kind: "url", name: path, url: path });
    else found.push(...(await listPath(path)));
  }
  return found;
}

async function listPath(path: string): Promise<readonly FoundFile[]> {
  const info = await stat(path).catch(() => null);
  if (info === null) return [{ kind: "missing", name: path }];
  if (!info.isDirectory())
    return [{ kind: "file", name: basename(path), path, sizeBytes: info.size }];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .filter((name) => !name.split(/[/\\]/).some((part) => part.startsWith(".")))
    .toSorted();
  return Promise.all(
    files.map(async (name): Promise<FoundFile> => {
      const file = join(path, name);
      const { size } = await stat(file);
      return { kind: "file", name, path: file, sizeBytes: size };
    }),
  );
}
