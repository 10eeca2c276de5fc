import { Readable, Writable } from "node:stream";
import { runProgram } from "#cli/program.ts";
import { systemClock } from "#platform/clock.ts";
import { createKeyRing, generateKey } from "#platform/key-ring.ts";
import { silentLogger } from "#platform/logger.ts";
import { createLanguageModels } from "#providers/language-models/language-models.ts";
import { createWhatsAppClient } from "#providers/whatsapp/whatsapp-client.ts";
import type { Database } from "#store/database.ts";
import { readConfig } from "../../src/config.ts";
import { openHearing } from "../../src/open-hearing.ts";
import { openKnowledge } from "../../src/open-knowledge.ts";
import type { Platform } from "../../src/open-platform.ts";
import { openToolServices } from "../../src/open-tool-services.ts";

/** What a run of the program said, and how it ended. */
export type ParleyRun = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The rows of a run with `--json`. */
  readonly rows: readonly Record<string, unknown>[];
};

/** Words as a shell parts them, with double quotes. */
export const shellWords = (line: string): readonly string[] =>
  (line.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map((word) => word.replaceAll('"', ""));

/** A platform for commands on a database that stays open. */
export function createTestPlatform(
  database: Database,
  settings: Readonly<Record<string, string>>,
): Platform {
  const config = readConfig({ LOG_LEVEL: "silent", ...settings });
  const models = createLanguageModels({
    openai: { apiKey: config.OPENAI_API_KEY, baseUrl: config.OPENAI_BASE_URL },
    timeoutMs: 1_000,
  });
  return {
    config,
    database,
    keyRing: createKeyRing([generateKey()]),
    models,
    whatsApp: createWhatsAppClient({
      graphApiBaseUrl: config.GRAPH_API_BASE_URL,
      graphApiVersion: config.GRAPH_API_VERSION,
      timeoutMs: 1_000,
      clock: systemClock,
    }),
    knowledge: openKnowledge(config),
    tools: openToolServices(config, systemClock),
    hearing: openHearing(config, models),
    clock: systemClock,
    logger: silentLogger,
    close: async () => {},
  };
}

export type ParleyOptions = {
  readonly stdin?: string;
  /** Instead of the platform that is there. */
  readonly openPlatform?: () => Promise<Platform>;
};

/** Runs the program in this process, without a terminal. */
export async function runParley(
  platform: Platform,
  argv: readonly string[],
  options: ParleyOptions = {},
): Promise<ParleyRun> {
  const stdout = collect();
  const stderr = collect();
  const code = await runProgram(argv, {
    version: "0.0.0-test",
    readConfig: () => platform.config,
    openPlatform: options.openPlatform ?? (async (config) => ({ ...platform, config })),
    preparePlatform: async () => {},
    startApp: () => Promise.reject(new Error("not in this test")),
    stdin: Readable.from([options.stdin ?? ""]),
    stdout: stdout.stream,
    stderr: stderr.stream,
  });
  const rows = argv.includes("--json")
    ? stdout
        .text()
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
  return { code, stdout: stdout.text(), stderr: stderr.text(), rows };
}

function collect(): { readonly stream: Writable; readonly text: () => string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join("") };
}
