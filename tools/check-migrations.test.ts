import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findMigrationFaults, recordNewMigrations } from "./check-migrations.ts";

async function folderWithTwoMigrations(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "parley-migrations-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "0001_first.sql"), "create table first ();\n");
  await writeFile(join(folder, "0002_second.sql"), "create table second ();\n");
  await recordNewMigrations(folder);
  return folder;
}

test("recorded migrations are left in peace", async () => {
  expect(await findMigrationFaults(await folderWithTwoMigrations())).toEqual([]);
});

test("an edited old migration is caught", async () => {
  const folder = await folderWithTwoMigrations();
  await writeFile(join(folder, "0001_first.sql"), "create table first (id int);\n");
  expect(await findMigrationFaults(folder)).toEqual([
    expect.stringContaining("0001_first.sql was edited"),
  ]);
});

test("recording does not bless an edited migration", async () => {
  const folder = await folderWithTwoMigrations();
  await writeFile(join(folder, "0001_first.sql"), "create table first (id int);\n");
  await writeFile(join(folder, "0003_third.sql"), "create table third ();\n");
  expect(await recordNewMigrations(folder)).toEqual(["0003_third.sql"]);
  expect(await findMigrationFaults(folder)).toEqual([
    expect.stringContaining("0001_first.sql was edited"),
  ]);
});

test("a removed migration is caught", async () => {
  const folder = await folderWithTwoMigrations();
  await rm(join(folder, "0001_first.sql"));
  expect(await findMigrationFaults(folder)).toEqual([
    expect.stringContaining("0001_first.sql was removed"),
  ]);
});

test("a new migration that is not recorded is caught", async () => {
  const folder = await folderWithTwoMigrations();
  await writeFile(join(folder, "0003_third.sql"), "create table third ();\n");
  expect(await findMigrationFaults(folder)).toEqual([
    expect.stringContaining("npm run schema:write"),
  ]);
});

test("a migration squeezed in between old ones is caught", async () => {
  const folder = await folderWithTwoMigrations();
  await rename(join(folder, "0002_second.sql"), join(folder, "0005_second.sql"));
  await rm(join(folder, "checksums.json"));
  await recordNewMigrations(folder);
  await writeFile(join(folder, "0003_third.sql"), "create table third ();\n");
  expect(await findMigrationFaults(folder)).toEqual([
    expect.stringContaining("sorts before 0005_second.sql"),
  ]);
});

test("two migrations with one number are caught", async () => {
  const folder = await folderWithTwoMigrations();
  await writeFile(join(folder, "0002_twin.sql"), "create table twin ();\n");
  expect(await findMigrationFaults(folder)).toContain("Two migrations have the number 0002.");
});
