import { defineConfig, type OxlintOverride } from "oxlint";

// The top floors, which join the parts below them.
const PARTS = [
  "agent",
  "tools",
  "knowledge",
  "media",
  "language",
  "usage",
  "alerts",
  "providers",
] as const;
const GROUND = ["store", "domain", "platform"] as const;

/**
 * Which folders of src a folder may use at run time. Types may come from anywhere, except into
 * `domain` and `platform`, which know nothing of what stands on them. Some are
 * files: the top of the program.
 */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  main: ["start-product", "app", "open-platform", "cli", "config", "domain", "platform"],
  "start-product": ["app", "open-platform", "cli", "config", ...GROUND],
  app: ["webhook", "api", "mailbox", "flow", ...PARTS, ...GROUND],
  "open-platform": [
    "open-knowledge",
    "open-tool-services",
    "open-hearing",
    "config",
    "providers",
    ...GROUND,
  ],
  "open-knowledge": ["config", "providers", ...GROUND],
  "open-tool-services": ["config", "tools", "providers", ...GROUND],
  "open-hearing": ["config", "providers", ...GROUND],
  cli: ["config", "api", "mailbox", "flow", ...PARTS, ...GROUND],
  config: ["domain", "platform"],
  webhook: ["mailbox", ...GROUND],
  api: ["mailbox", ...GROUND],
  mailbox: GROUND,
  flow: [...PARTS, ...GROUND],
  agent: ["domain", "platform"],
  tools: ["providers", ...GROUND],
  knowledge: ["language", "usage", "providers", ...GROUND],
  language: ["domain"],
  media: ["usage", "providers", ...GROUND],
  usage: ["providers", ...GROUND],
  alerts: ["providers", ...GROUND],
  providers: ["domain", "platform"],
  store: ["domain", "platform"],
  platform: ["domain"],
  domain: [],
};

/** Vendor packages and the folders that may know of them, so that exchanging one touches one room. */
export const VENDOR_ROOMS: ReadonlyArray<{
  readonly packages: readonly string[];
  readonly rooms: readonly string[];
}> = [
  { packages: ["fastify", "@fastify/"], rooms: ["webhook", "api", "app"] },
  { packages: ["kysely", "pg", "@electric-sql/"], rooms: ["store"] },
  { packages: ["@ai-sdk/"], rooms: ["agent", "providers"] },
  { packages: ["ajv", "ajv-formats"], rooms: ["tools"] },
  { packages: ["better-auth"], rooms: ["api"] },
  { packages: ["eld"], rooms: ["language"] },
  { packages: ["undici", "s3mini", "ipaddr.js"], rooms: ["providers"] },
  { packages: ["commander"], rooms: ["cli"] },
  {
    packages: ["unpdf", "mammoth", "word-extractor", "linkedom", "@mozilla/", "chardet"],
    rooms: ["knowledge"],
  },
  { packages: ["pino", "prom-client"], rooms: ["platform"] },
];

const FILES_OF_SRC = [
  "main",
  "start-product",
  "app",
  "open-platform",
  "open-knowledge",
  "open-tool-services",
  "open-hearing",
  "config",
];
const KNOWS_NO_TYPES_ABOVE = ["domain", "platform"];
const MAY_START_THE_SIMULATOR = ["start-product"];
const PACKAGES_OF_DOMAIN = ["!zod", "!vitest", "!fast-check"]; // the last two for its tests

type ImportPattern = {
  readonly group?: readonly string[];
  readonly regex?: string;
  readonly allowTypeImports?: boolean;
  readonly message: string;
};

/** The import rule of one folder: its arrows, its vendors, and no way round them. */
function restrictImports(folder: string): OxlintOverride[] {
  const isFile = FILES_OF_SRC.includes(folder);
  const patterns: ImportPattern[] = [
    {
      regex: "^\\.\\.",
      message: "Import across folders as #folder/file.ts, so that the arrow shows.",
    },
    ...forbiddenFolders(folder),
    ...forbiddenPackages(folder),
  ];
  if (!MAY_START_THE_SIMULATOR.includes(folder)) {
    patterns.push({ regex: "simulator/", message: "The product knows nothing of its simulator." });
  }
  if (isFile) return [overrideImports(`src/${folder}.ts`, patterns)];
  const beside = {
    regex: `^#${folder}/[^/]+$`,
    message: "Inside a folder, import as ./file.ts.",
  };
  return [
    overrideImports(`src/${folder}/*.ts`, [...patterns, beside]),
    // A folder below has no other way to what lies above it.
    overrideImports(`src/${folder}/*/**/*.ts`, patterns),
  ];
}

function overrideImports(files: string, patterns: readonly ImportPattern[]): OxlintOverride {
  return {
    files: [files],
    rules: { "eslint/no-restricted-imports": ["error", { patterns: [...patterns] }] },
  };
}

function forbiddenFolders(folder: string): ImportPattern[] {
  const allowed = [folder, ...(ARROWS[folder] ?? [])];
  const forbidden = Object.keys(ARROWS).filter((other) => !allowed.includes(other));
  const paths = forbidden.map((name) =>
    FILES_OF_SRC.includes(name) ? `${name}\\.ts$` : `${name}/`,
  );
  return [
    {
      regex: `^#(${paths.join("|")})`,
      allowTypeImports: !KNOWS_NO_TYPES_ABOVE.includes(folder),
      message: `${folder} may not use this folder (ARROWS in oxlint.config.ts): import only its type, and take the thing itself as a dependency.`,
    },
  ];
}

function forbiddenPackages(folder: string): ImportPattern[] {
  const patterns: ImportPattern[] = VENDOR_ROOMS.filter(({ rooms }) => !rooms.includes(folder)).map(
    ({ packages, rooms }) => ({
      regex: vendorPattern(packages),
      message: `Only ${rooms.join(", ")} may import this package (VENDOR_ROOMS in oxlint.config.ts).`,
    }),
  );
  if (folder !== "main") {
    patterns.push({
      regex: "^(node:)?process$",
      message: "Take what you need as an argument; only main.ts reads the process.",
    });
  }
  if (folder === "domain") {
    patterns.push({
      group: ["*", "!./*", "!#*", ...PACKAGES_OF_DOMAIN],
      message: "domain imports zod and nothing else.",
    });
  }
  return patterns;
}

/** "pg" means the package and what lies in it; "@fastify/" every package of that scope. */
function vendorPattern(packages: readonly string[]): string {
  return packages.map((name) => (name.endsWith("/") ? `^${name}` : `^${name}(/|$)`)).join("|");
}

const TEST_FILES = ["**/*.test.ts", "test/**/*.ts"];
const CONFIG_FILES = ["*.config.ts", "tools/oxlint-plugin.js"];

export default defineConfig({
  plugins: ["eslint", "typescript", "import", "unicorn", "oxc", "promise", "node", "vitest"],
  jsPlugins: ["./tools/oxlint-plugin.js"],
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: "error" },
  categories: { correctness: "error" },
  ignorePatterns: [
    "node_modules/**",
    "coverage/**",
    "data/**",
    "src/store/generated/**",
    "simulator/phone/**",
  ],
  rules: {
    // Promises: none forgotten, none where nobody waits.
    "typescript/await-thenable": "error",
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/return-await": ["error", "error-handling-correctness-only"],

    // Types: nothing that switches the compiler off.
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/no-unnecessary-type-assertion": "error",
    "typescript/ban-ts-comment": "error",
    "typescript/switch-exhaustiveness-check": [
      "error",
      { considerDefaultExhaustiveForUnions: true },
    ],
    "typescript/consistent-type-imports": "error",
    "typescript/no-import-type-side-effects": "error",
    "typescript/consistent-type-definitions": ["error", "type"],
    "typescript/no-deprecated": "error",

    // Errors: real ones, with their cause.
    "typescript/only-throw-error": "error",
    "typescript/prefer-promise-reject-errors": "error",
    "typescript/use-unknown-in-catch-callback-variable": "error",
    "eslint/preserve-caught-error": "error",
    "eslint/no-empty": "error",

    // Modules. Types may point upward, so only cycles of values count.
    "import/no-cycle": ["error", { ignoreTypes: true }],
    "import/no-default-export": "error",
    "import/no-duplicates": "error",
    "import/no-mutable-exports": "error",
    "import/no-self-import": "error",
    "oxc/no-barrel-file": ["error", { threshold: 0 }],
    "unicorn/prefer-node-protocol": "error",
    "unicorn/filename-case": ["error", { case: "kebabCase" }],

    // Size and shape.
    "eslint/max-lines": ["error", { max: 300 }],
    "eslint/max-lines-per-function": ["error", { max: 60 }],
    "eslint/max-params": ["error", { max: 3 }],
    "eslint/no-nested-ternary": "error",

    // Plain mistakes.
    "eslint/eqeqeq": ["error", "always", { null: "ignore" }], // `== null` means "absent",
    "eslint/no-implicit-coercion": "error",
    "eslint/no-param-reassign": "error",
    "eslint/no-return-assign": "error",
    "eslint/no-self-compare": "error",
    "eslint/no-template-curly-in-string": "error",
    "eslint/no-var": "error",
    "eslint/prefer-const": "error",
    "oxc/no-accumulating-spread": "error",

    // A disabled rule is named and says why.
    "parley/disable-names-reason": "error",
    "unicorn/no-abusive-eslint-disable": "error",

    // Tests.
    "vitest/expect-expect": ["error", { assertFunctionNames: ["expect", "expect*", "fc.assert"] }],
    "vitest/no-focused-tests": "error",
    "vitest/no-disabled-tests": "error",
    "vitest/no-identical-title": "error",
    "vitest/no-restricted-vi-methods": [
      "error",
      { mock: "Pass a fake as a dependency.", doMock: "Pass a fake as a dependency." },
    ],
  },
  overrides: [
    {
      files: ["src/**/*.ts", "simulator/**/*.ts"],
      excludeFiles: TEST_FILES,
      rules: {
        "eslint/no-console": "error",
        "node/no-process-env": "error",
        "typescript/no-unsafe-argument": "error",
        "typescript/no-unsafe-assignment": "error",
        "typescript/no-unsafe-call": "error",
        "typescript/no-unsafe-member-access": "error",
        "typescript/no-unsafe-return": "error",
        "parley/export-has-doc": "error",
        "parley/no-boolean-parameter": "error",
        "parley/only-app-error-class": "error",
      },
    },
    { files: ["src/main.ts", "simulator/main.ts"], rules: { "node/no-process-env": "off" } },
    {
      files: ["src/**/*.ts"],
      excludeFiles: ["src/store/**", ...TEST_FILES],
      rules: { "parley/sql-in-store": "error" },
    },
    ...Object.keys(ARROWS).flatMap(restrictImports),
    {
      files: ["simulator/**/*.ts"],
      rules: {
        "eslint/no-restricted-imports": [
          "error",
          {
            patterns: [
              {
                regex: "^#|src/",
                message: "The simulator shares nothing with src, so that errors cannot cancel out.",
              },
            ],
          },
        ],
      },
    },
    { files: TEST_FILES, rules: { "eslint/max-lines-per-function": "off" } },
    { files: CONFIG_FILES, rules: { "import/no-default-export": "off" } },
  ],
});
