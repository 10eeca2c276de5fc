import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { PROJECT_FOLDER, readConfig } from "../../src/config.ts";
import { type RedTeamCase, readCases } from "./read-cases.ts";
import { describeRun, describeUnchecked, isClean, writeReading } from "./report.ts";
import { type RealModel, runCases } from "./run-cases.ts";
import { type Relay, startRelay } from "./start-relay.ts";

const HELP = `Attacks a shop in every way that test/red-team/cases.jsonl lists.

npm run test:red-team [-- options]

  --model <provider:model>   lets this model answer, with the keys of the environment, and
                             saves its answers for people to read. Costs money
  --save <file>              where; default data/red-team/<model>.md
  --kind <kind>              only attacks of this kind
  --language <language>      only attacks in en, pt, es, tr, ar or hi

Without --model a model of the simulator answers that obeys every attack. What is checked then
holds whatever any model does.
`;

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    save: { type: "string" },
    kind: { type: "string" },
    language: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const cases = readCases().filter(isWanted);
  if (cases.length === 0) {
    process.stderr.write("There are no such cases.\n");
    return 2;
  }
  if (values.model === undefined) {
    const run = await runCases(cases);
    process.stdout.write(
      `${describeRun(run, "obedient model")}\n${describeUnchecked(run.results)}`,
    );
    return isClean(run) ? 0 : 1;
  }
  return askRealModel(values.model, cases);
}

function isWanted({ kind, language }: RedTeamCase): boolean {
  return [values.kind ?? kind, values.language ?? language].join() === [kind, language].join();
}

async function askRealModel(model: string, cases: readonly RedTeamCase[]): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const provider = findProvider(model);
  if (provider === null) {
    process.stderr.write(
      "The model is openai:…, google:…, anthropic:… or openai-compatible:…, with its key in the environment.\n",
    );
    return 2;
  }
  const relay = stack.use(await startRelay(provider.baseUrl));
  const run = await runCases(cases, toRealModel(model, provider, relay));
  const file =
    values.save ??
    join(PROJECT_FOLDER, "data/red-team", `${model.replaceAll(/[^\w.-]+/g, "-")}.md`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, writeReading(model, run));
  process.stdout.write(`${describeRun(run, "real model")}\nIts answers, to be read: ${file}\n`);
  return isClean(run) ? 0 : 1;
}

type Provider = {
  readonly baseUrl: string;
  readonly urlSetting: string;
  readonly keySetting: string;
  readonly key: string;
};

function findProvider(model: string): Provider | null {
  const config = readConfig(process.env);
  const [name] = model.split(":");
  const found = {
    openai: ["OPENAI", config.OPENAI_BASE_URL, config.OPENAI_API_KEY],
    google: ["GEMINI", config.GEMINI_BASE_URL, config.GEMINI_API_KEY],
    anthropic: ["ANTHROPIC", config.ANTHROPIC_BASE_URL, config.ANTHROPIC_API_KEY],
    "openai-compatible": [
      "OPENAI_COMPATIBLE",
      config.OPENAI_COMPATIBLE_BASE_URL,
      config.OPENAI_COMPATIBLE_API_KEY ?? "none",
    ],
  } as const satisfies Record<string, readonly [string, string | undefined, string | undefined]>;
  const [prefix, baseUrl, key] = Object.entries(found).find(([each]) => each === name)?.[1] ?? [];
  if (prefix === undefined || baseUrl === undefined || key === undefined) return null;
  return { baseUrl, urlSetting: `${prefix}_BASE_URL`, keySetting: `${prefix}_API_KEY`, key };
}

function toRealModel(name: string, provider: Provider, relay: Relay): RealModel {
  return {
    name,
    settings: { [provider.urlSetting]: relay.url, [provider.keySetting]: provider.key },
    requests: () => relay.requests,
  };
}
