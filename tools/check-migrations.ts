import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";

const Checksums = z.record(z.string(), z.string());

/** What stands against the migrations as they are now, each in a sentence; empty when all is well. */
export async function findMigrationFaults(folder: string): Promise<readonly string[]> {
  const recorded = await readRecorded(folder);
  const present = await computeChecksums(folder);
  const newestRecorded = Object.keys(recorded).toSorted().at(-1) ?? "";
  const numbers = Object.keys(present).map((file) => file.slice(0, 4));
  return [
    ...Object.keys(recorded)
      .filter((file) => present[file] === undefined)
      .map((file) => `${file} was removed. Databases that had it would differ from new ones.`),
    ...Object.entries(present)
      .filter(([file, checksum]) => recorded[file] !== undefined && recorded[file] !== checksum)
      .map(
        ([file]) =>
          `${file} was edited. It has been applied already: undo the edit and write a new migration.`,
      ),
    ...Object.keys(present)
      .filter((file) => recorded[file] === undefined)
      .map((file) =>
        file < newestRecorded
          ? `${file} is new but sorts before ${newestRecorded}. Databases apply migrations in order: number it after the last.`
          : `${file} is not recorded yet. Run: npm run schema:write`,
      ),
    ...numbers
      .filter((number, index) => numbers.indexOf(number) !== index)
      .map((number) => `Two migrations have the number ${number}.`),
  ];
}

/**
 * Records the migrations that are new. An edited one stays a fault.
 * @returns the names of the files recorded now.
 */
export async function recordNewMigrations(folder: string): Promise<readonly string[]> {
  const recorded = await readRecorded(folder);
  const present = await computeChecksums(folder);
  const added = Object.keys(present).filter((file) => recorded[file] === undefined);
  if (added.length === 0) return [];
  const all = { ...present, ...recorded };
  const sorted = Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(join(folder, "checksums.json"), `${JSON.stringify(sorted, null, 2)}\n`);
  return added;
}

async function readRecorded(folder: string): Promise<Readonly<Record<string, string>>> {
  try {
    return Checksums.parse(JSON.parse(await readFile(join(folder, "checksums.json"), "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
}

async function computeChecksums(folder: string): Promise<Readonly<Record<string, string>>> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}_.*\.sql$/.test(file)).toSorted();
  const entries = files.map(async (file) => {
    const text = await readFile(join(folder, file), "utf8");
    return [file, createHash("sha256").update(text).digest("hex")] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function main(): Promise<void> {
  const folder = join(import.meta.dirname, "../migrations");
  const { values } = parseArgs({ options: { record: { type: "boolean", default: false } } });
  if (values.record) {
    for (const file of await recordNewMigrations(folder))
      console.log(`migrations: recorded ${file}`);
  }
  const faults = await findMigrationFaults(folder);
  for (const fault of faults) console.error(`migrations: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}

if (import.meta.main) await main();
