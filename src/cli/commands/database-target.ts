import { z } from "zod";
import type { Config } from "#config.ts";
import { AppError } from "#domain/errors.ts";
import type { Database } from "#store/database.ts";
import { assertMigrated } from "#store/migrate.ts";

/** Names of the databases for development, as the specification has them. */
const DATABASES = { dev: "business_logic_db", test: "test_business_logic_db" } as const;

/** Which database a command is for. */
export const databaseTarget = {
  dev: z
    .boolean()
    .default(false)
    .describe(`The one for development: ${DATABASES.dev} on the server, or the data folder.`),
  test: z
    .boolean()
    .default(false)
    .describe(`The one for tests: ${DATABASES.test} on the server, or <data folder>-test.`),
};

/**
 * The settings with which a command reaches its database; without --dev and --test that of the
 * settings.
 * @throws AppError INPUT_INVALID when both are given.
 */
export function targetConfig(config: Config, input: Readonly<Record<string, unknown>>): Config {
  const isDev = input["dev"] === true;
  const isTest = input["test"] === true;
  if (isDev && isTest) throw new AppError("INPUT_INVALID", "Give --dev or --test, not both.");
  if (!isDev && !isTest) return config;
  if (config.DATABASE_URL === undefined)
    return isTest ? { ...config, DATA_DIR: `${config.DATA_DIR}-test` } : config;
  const url = new URL(config.DATABASE_URL);
  url.pathname = `/${isTest ? DATABASES.test : DATABASES.dev}`;
  return { ...config, DATABASE_URL: url.href };
}

/** The database in words, for results. */
export function describeTarget(config: Config): string {
  return config.DATABASE_URL === undefined
    ? `embedded, in ${config.DATA_DIR}`
    : `${decodeURIComponent(new URL(config.DATABASE_URL).pathname.slice(1))} on ${new URL(config.DATABASE_URL).host}`;
}

/** @throws AppError SCHEMA_OUTDATED with the command that makes the schema of this database. */
export async function assertTargetMigrated(
  database: Database,
  target: { readonly dev: boolean; readonly test: boolean },
): Promise<void> {
  try {
    await assertMigrated(database);
  } catch (cause) {
    const isOurs = cause instanceof AppError && cause.code === "SCHEMA_OUTDATED";
    if (!isOurs || (!target.dev && !target.test)) throw cause;
    const option = target.test ? "--test" : "--dev";
    throw new AppError(
      "SCHEMA_OUTDATED",
      `The database has not all tables. Make them with: db/manage_db.sh ${option} create`,
      { cause },
    );
  }
}
