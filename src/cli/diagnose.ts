import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { type Config, isGraphApiOfMeta } from "#config.ts";
import type { Row } from "./commands/command.ts";
import { type Finding, ok, problem, warning } from "./commands/finding.ts";
import { explainFailure } from "./explain-failure.ts";

const MEBIBYTE = 1024 * 1024;
/** Below this a database that grows will soon stop. */
const SPACE_LOW_MIB = 500;
const SPACE_OUT_MIB = 50;

/**
 * All of `doctor`: the settings and the data folder first, which need no database; then what the
 * database's own part finds, or the sentence why it cannot be reached.
 */
export async function* diagnose(
  readConfig: () => Config,
  databasePart: (config: Config) => AsyncIterable<Row>,
): AsyncGenerator<Row> {
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    yield problem("settings", explainFailure(error).message);
    return;
  }
  yield ok("settings", "All can be used.");
  yield* checkWhatsAppSettings(config);
  if (config.DATABASE_URL !== undefined) yield checkKeys(config);
  yield* await checkFolder(config);
  try {
    yield* databasePart(config);
  } catch (error) {
    const { code, message } = explainFailure(error);
    yield problem("database", `${message} (${code})`);
  }
}

function* checkWhatsAppSettings(config: Config): Generator<Finding> {
  const isSimulated =
    config.SIMULATOR === "on" ||
    (config.SIMULATOR === "auto" &&
      isGraphApiOfMeta(config) &&
      config.WHATSAPP_APP_SECRET === undefined);
  if (isSimulated && config.DATABASE_URL === undefined) {
    yield ok("whatsapp settings", "None are needed: ./parley start brings the simulator.");
    return;
  }
  const missing = [
    config.WHATSAPP_APP_SECRET === undefined
      ? "WHATSAPP_APP_SECRET (without it only numbers with an app secret of their own are served)"
      : null,
    config.WHATSAPP_VERIFY_TOKEN === undefined
      ? "WHATSAPP_VERIFY_TOKEN (Meta asks for it when the callback address is saved)"
      : null,
  ].filter((name) => name !== null);
  yield missing.length === 0
    ? ok("whatsapp settings", "App secret and verify token are set.")
    : warning("whatsapp settings", `Not set: ${missing.join("; ")}.`);
  if (config.WEBHOOK_ALLOW_UNSIGNED)
    yield warning(
      "webhook signatures",
      "WEBHOOK_ALLOW_UNSIGNED is on: anybody can write as any customer. It is for development only.",
    );
}

function checkKeys(config: Config): Finding {
  return config.ENCRYPTION_KEYS === undefined
    ? warning(
        "encryption keys",
        `ENCRYPTION_KEYS is not set: secrets are sealed with the file encryption-key in ${config.DATA_DIR}, which other machines do not have and backups of the database do not hold.`,
      )
    : ok("encryption keys", `${config.ENCRYPTION_KEYS.length} set; the first one seals.`);
}

async function checkFolder(config: Config): Promise<readonly Finding[]> {
  const folder = config.DATA_DIR;
  try {
    const existing = await nearestExisting(folder);
    await access(existing, constants.W_OK);
    const space = await statfs(existing);
    const freeMib = Math.floor((space.bavail * space.bsize) / MEBIBYTE);
    return [ok("data folder", folder), checkSpace(freeMib)];
  } catch {
    return [
      problem(
        "data folder",
        `${folder} cannot be written: give it to the user of Parley, or choose another one with DATA_DIR.`,
      ),
    ];
  }
}

async function nearestExisting(folder: string): Promise<string> {
  const exists = await access(folder).then(
    () => true,
    () => false,
  );
  const parent = dirname(folder);
  return exists || parent === folder ? folder : nearestExisting(parent);
}

function checkSpace(freeMib: number): Finding {
  const free = freeMib > 10 * 1024 ? `${Math.floor(freeMib / 1024)} GiB` : `${freeMib} MiB`;
  if (freeMib < SPACE_OUT_MIB) return problem("disk space", `${free} free: the disk is full.`);
  return freeMib < SPACE_LOW_MIB
    ? warning("disk space", `${free} free: it will soon be full.`)
    : ok("disk space", `${free} free.`);
}
