import { existsSync } from "node:fs";
import { join } from "node:path";
import { createLogger } from "#platform/logger.ts";
import { migrate } from "#store/migrate.ts";
import { startApp } from "./app.ts";
import { PROJECT_FOLDER, readConfig } from "./config.ts";
import { openPlatform } from "./open-platform.ts";

const environmentFile = join(PROJECT_FOLDER, ".env");
if (existsSync(environmentFile)) process.loadEnvFile(environmentFile);
const config = readConfig(process.env);
const logger = createLogger(config.LOG_LEVEL);
const platform = await openPlatform(config, logger);
const [command = "start"] = process.argv.slice(2);
if (command === "start" || command === "migrate") await migrate(platform.database);
if (command === "migrate") {
  await platform.close();
} else {
  const app = await startApp(platform, {
    parts: command === "start" ? ["serve", "work"] : command === "serve" ? ["serve"] : ["work"],
    simulatorUrl: null,
  });
  process.stderr.write(`listening on ${app.url}\n`);
  const stop = async () => {
    await app.close();
    await platform.close();
  };
  process.once("SIGTERM", () => void stop());
  process.once("SIGINT", () => void stop());
}
