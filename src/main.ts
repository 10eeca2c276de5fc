import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "#cli/program.ts";
import { createLogger, type Logger } from "#platform/logger.ts";
import { type Config, PROJECT_FOLDER, readConfig } from "./config.ts";
import { openPlatform, preparePlatform } from "./open-platform.ts";
import { type Product, startProduct } from "./start-product.ts";

/**
 * The program: `parley start | serve | work` and the operators' commands. The only file that reads
 * the environment and hears signals.
 */
const environmentFile = join(PROJECT_FOLDER, ".env");
if (existsSync(environmentFile)) process.loadEnvFile(environmentFile);
const version = readVersion();

process.exitCode = await runProgram(process.argv.slice(2), {
  version,
  readConfig: () => readConfig(process.env),
  openPlatform: (config) => openPlatform(config, createLogger(config.LOG_LEVEL)),
  preparePlatform: (platform) =>
    preparePlatform(platform, platform.database.kind === "embedded" ? "migrate" : "check"),
  startApp: async (role, config) => {
    const logger = createLogger(config.LOG_LEVEL);
    endOnUnforeseen(logger);
    const product = await startProduct(role, config, { logger, version });
    announce(product, config);
    await stopSignal();
    process.stderr.write("Stopping: what runs is finished or handed over.\n");
    await product.close();
  },
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
});

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(PROJECT_FOLDER, "package.json"), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}

/** Says where everything is, to the person who started it. */
function announce(product: Product, config: Config): void {
  const lines = ["", "Parley is ready. Ctrl-C stops it."];
  if (product.simulatorUrl !== null)
    lines.push(`  Write to the demo chatbot:  ${forPeople(product.simulatorUrl)}`);
  if (product.url !== null)
    lines.push(`  Webhooks of WhatsApp:       ${forPeople(product.url)}/webhook`);
  const data = config.DATABASE_URL === undefined ? config.DATA_DIR : "on the database server";
  lines.push(`  Data:                       ${data}`, "");
  process.stderr.write(lines.join("\n"));
}

function forPeople(url: string): string {
  return url.replace("//127.0.0.1:", "//localhost:");
}

/** Resolves at the first Ctrl-C or SIGTERM; the second one ends the process at once. */
function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      process.once(signal, () => process.exit(1));
      resolve();
    });
  return promise;
}

/** An error that nobody caught: its turns are taken over by others, or by the next start. */
function endOnUnforeseen(logger: Logger): void {
  process.on("uncaughtException", (error) => {
    logger.error({ error }, "unforeseen failure, the process ends");
    process.exit(1);
  });
}
