import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ARROWS } from "../oxlint.config.ts";

/**
 * Each house rule is seen failing: a folder with the real settings and one fault per file is given
 * to the real linter. The files that break nothing prove that the rules do not simply always fail.
 */
const PLANTED: Readonly<
  Record<string, { readonly source: string; readonly rule?: string; readonly says?: string }>
> = {
  "src/store/documented.ts": { source: "/** One. */\nexport const one = 1;\n" },
  "src/flow/allowed-arrow.ts": {
    source:
      'import { one } from "#store/documented.ts";\n/** Two. */\nexport const two = (): number => one + 1;\n',
  },
  "src/agent/allowed-type.ts": {
    source:
      'import type { one } from "#store/documented.ts";\n/** A number. */\nexport type Count = typeof one;\n',
  },
  "src/domain/allowed-package.ts": {
    source: 'import { z } from "zod";\n/** A name. */\nexport const Name = z.string();\n',
  },

  "src/webhook/wrong-arrow.ts": {
    source:
      'import { two } from "#flow/allowed-arrow.ts";\n/** Three. */\nexport const three = two;\n',
    rule: "no-restricted-imports",
    says: "import only its type",
  },
  "src/domain/type-from-above.ts": {
    source:
      'import type { one } from "#store/documented.ts";\n/** A number. */\nexport type Count = typeof one;\n',
    rule: "no-restricted-imports",
    says: "domain may not use",
  },
  "src/domain/other-package.ts": {
    source:
      'import { readFile } from "node:fs/promises";\n/** Reads. */\nexport const read = readFile;\n',
    rule: "no-restricted-imports",
    says: "zod and nothing else",
  },
  "src/api/parent-import.ts": {
    source:
      'import { one } from "../store/documented.ts";\n/** One. */\nexport const again = one;\n',
    rule: "no-restricted-imports",
    says: "so that the arrow shows",
  },
  "src/store/own-folder-by-arrow.ts": {
    source: 'import { one } from "#store/documented.ts";\n/** One. */\nexport const again = one;\n',
    rule: "no-restricted-imports",
    says: "./file.ts",
  },
  "src/flow/vendor-leak.ts": {
    source: 'import { sql } from "kysely";\n/** A query. */\nexport const query = sql;\n',
    rule: "no-restricted-imports",
    says: "Only store",
  },
  "src/flow/vendor-scope-leak.ts": {
    source:
      'import { openai } from "@ai-sdk/openai";\n/** A model. */\nexport const model = openai;\n',
    rule: "no-restricted-imports",
    says: "Only agent, providers",
  },
  "src/flow/simulator-leak.ts": {
    source:
      'import { fake } from "#simulator/fake.ts";\n/** A fake. */\nexport const leak = fake;\n',
    rule: "no-restricted-imports",
    says: "nothing of its simulator",
  },
  "simulator/product-leak.ts": {
    source: 'import { one } from "#store/documented.ts";\n/** One. */\nexport const leak = one;\n',
    rule: "no-restricted-imports",
    says: "shares nothing with src",
  },
  "simulator/fake.ts": { source: "/** A fake. */\nexport const fake = 1;\n" },
  "src/usage/cycle-a.ts": {
    source:
      'import { b } from "./cycle-b.ts";\n/** A. */\nexport const a = (): number => b() + 1;\n',
    rule: "no-cycle",
  },
  "src/usage/cycle-b.ts": {
    source:
      'import { a } from "./cycle-a.ts";\n/** B. */\nexport const b = (): number => a() + 1;\n',
    rule: "no-cycle",
  },
  "src/flow/floating-promise.ts": {
    source:
      "async function send(): Promise<void> {}\n/** Forgets. */\nexport function forget(): void {\n  send();\n}\n",
    rule: "no-floating-promises",
  },
  "src/flow/misused-promise.ts": {
    source:
      "const isOpen = async (): Promise<boolean> => Promise.resolve(true);\n/** Opens. */\nexport function open(): number {\n  if (isOpen()) return 1;\n  return 0;\n}\n",
    rule: "no-misused-promises",
  },
  "src/flow/open-switch.ts": {
    source:
      '/** Forgets b. */\nexport function pick(kind: "a" | "b"): void {\n  switch (kind) {\n    case "a":\n      break;\n  }\n}\n',
    rule: "switch-exhaustiveness-check",
  },
  "src/flow/environment.ts": {
    source: "/** Reads a setting. */\nexport const port = process.env.PORT;\n",
    rule: "no-process-env",
  },
  "src/flow/environment-import.ts": {
    source:
      'import { env } from "node:process";\n/** Reads a setting. */\nexport const port = env.PORT;\n',
    rule: "no-restricted-imports",
    says: "only main.ts",
  },
  "src/flow/any.ts": {
    source: "/** Anything. */\nexport const parse = (value: any): string => String(value);\n",
    rule: "no-explicit-any",
  },
  "src/flow/hidden-any.ts": {
    source: '/** Unparsed. */\nexport const parsed: { a: 1 } = JSON.parse("1");\n',
    rule: "no-unsafe-assignment",
  },
  "src/flow/non-null.ts": {
    source:
      "/** The first. */\nexport const first = (list: readonly string[]): string => list[0]!;\n",
    rule: "no-non-null-assertion",
  },
  "src/flow/value-import-of-type.ts": {
    source:
      'import { Count } from "#agent/allowed-type.ts";\n/** A number. */\nexport type Number = Count;\n',
    rule: "consistent-type-imports",
  },
  "src/flow/default-export.ts": { source: "export default 1;\n", rule: "no-default-export" },
  "src/flow/barrel.ts": {
    source: 'export * from "./allowed-arrow.ts";\nexport * from "./any.ts";\n',
    rule: "no-barrel-file",
  },
  "src/flow/long-file.ts": {
    source: "// a line\n".repeat(301) + "/** One. */\nexport const one = 1;\n",
    rule: "max-lines",
  },
  "src/flow/long-function.ts": {
    source: `/** Long. */\nexport function long(): void {\n${"  void 0;\n".repeat(61)}}\n`,
    rule: "max-lines-per-function",
  },
  "src/flow/many-parameters.ts": {
    source:
      "/** Adds. */\nexport const add = (a: number, b: number, c: number, d: number): number => a + b + c + d;\n",
    rule: "max-params",
  },
  "src/flow/lost-cause.ts": {
    source:
      '/** Loses. */\nexport function lose(run: () => void): void {\n  try {\n    run();\n  } catch (error) {\n    throw new Error("failed");\n  }\n}\n',
    rule: "preserve-caught-error",
  },
  "src/flow/snake_case.ts": {
    source: "/** One. */\nexport const one = 1;\n",
    rule: "filename-case",
  },

  "src/flow/sql.ts": {
    source: '/** A query. */\nexport const query = "select id from messages";\n',
    rule: "sql-in-store",
  },
  "src/store/sql-allowed.ts": {
    source: '/** A query. */\nexport const query = "select id from messages";\n',
  },
  "src/flow/sentence-allowed.ts": {
    source: '/** No SQL. */\nexport const hint = "Select one of the chatbots from the list";\n',
  },
  "src/flow/deps-need-no-doc.ts": { source: "export type SendDeps = { readonly port: number };\n" },
  "src/flow/undocumented.ts": { source: "export const one = 1;\n", rule: "export-has-doc" },
  "src/flow/boolean-parameter.ts": {
    source:
      '/** Sends. */\nexport function send(text: string, isUrgent: boolean): string {\n  return isUrgent ? text : "";\n}\n',
    rule: "no-boolean-parameter",
  },
  "src/flow/class.ts": {
    source: "/** A class. */\nexport class Sender {}\n",
    rule: "only-app-error-class",
  },
  "src/flow/silent-disable.ts": {
    source:
      "/** Debt. */\n// oxlint-disable-next-line typescript/no-explicit-any\nexport const parse = (value: any): string => String(value);\n",
    rule: "disable-names-reason",
  },
  "src/flow/mocked.test.ts": {
    source:
      'import { expect, test, vi } from "vitest";\nvi.mock("./any.ts");\ntest("one is one", () => {\n  expect(1).toBe(1);\n});\n',
    rule: "no-restricted-vi-methods",
  },
  "src/flow/focused.test.ts": {
    source:
      'import { expect, test } from "vitest";\ntest.only("one is one", () => {\n  expect(1).toBe(1);\n});\n',
    rule: "no-focused-tests",
  },
};

type Finding = { readonly file: string; readonly rule: string; readonly message: string };

const root = join(import.meta.dirname, "..");
let folder = "";
let findings: readonly Finding[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parley-lint-"));
  for (const file of [
    "oxlint.config.ts",
    "tools/oxlint-plugin.js",
    "tsconfig.json",
    "package.json",
  ]) {
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [file, { source }] of Object.entries(PLANTED)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), source);
  }
  findings = lint(folder);
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each(Object.entries(PLANTED).filter(([, { rule }]) => rule !== undefined))(
  "the lint catches %s",
  (file, { rule, says = "" }) => {
    const found = findings.filter((finding) => finding.file === file && finding.rule === rule);
    expect(found, `expected ${rule} in ${file}`).not.toHaveLength(0);
    expect(found.map(({ message }) => message).join("\n")).toContain(says);
  },
);

test.each(Object.entries(PLANTED).filter(([, { rule }]) => rule === undefined))(
  "the lint leaves %s alone",
  (file) => {
    expect(findings.filter((finding) => finding.file === file)).toEqual([]);
  },
);

test("every folder and file of src has its arrows", () => {
  const names = readdirSync(join(root, "src"))
    .filter((name) => !name.endsWith(".test.ts"))
    .map((name) => name.replace(/\.ts$/, ""));
  expect(Object.keys(ARROWS)).toEqual(expect.arrayContaining(names));
});

function lint(cwd: string): Finding[] {
  const { stdout, stderr } = spawnSync(
    join(root, "node_modules/.bin/oxlint"),
    ["-f", "json", "src", "simulator"],
    { cwd, encoding: "utf8" },
  );
  if (!stdout.startsWith("{")) throw new Error(`oxlint failed: ${stdout}${stderr}`);
  const report: {
    diagnostics: Array<{ message: string; help?: string; code: string; filename: string }>;
  } = JSON.parse(stdout);
  return report.diagnostics.map(({ message, help, code, filename }) => ({
    file: filename,
    rule: /\((.+)\)/.exec(code)?.[1] ?? code,
    message: `${message} ${help ?? ""}`,
  }));
}
