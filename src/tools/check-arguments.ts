import { createHash } from "node:crypto";
import { performance } from "node:perf_hooks";
import { createContext, runInContext } from "node:vm";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { JsonObject } from "#domain/webhook-event.ts";

/** Says what is wrong with the arguments of a call, in words that a model can act on; null: nothing. */
export type ArgumentsCheck = (input: unknown) => string | null;

/** No argument of a chat is longer; what is, is refused before it is looked at. */
const ARGUMENTS_LENGTH_MAX = 50_000;
/** Mistakes named at once. */
const MISTAKES_MAX = 5;
/** Schemas kept compiled, the most recently used last. */
const KEPT_MAX = 500;

const kept = new Map<string, ValidateFunction>();

/**
 * The check that a JSON schema makes of arguments. Schemas come from tenants and from servers that
 * they chose: each is compiled for itself, when it is first needed, and none can fetch another. The check
 * throws AppError TOOL_MISCONFIGURED when it is no JSON schema of an object.
 */
export function createArgumentsCheck(schema: JsonObject): ArgumentsCheck {
  let validate: ValidateFunction | null = null;
  return (input) => {
    if ((JSON.stringify(input) ?? "").length > ARGUMENTS_LENGTH_MAX)
      return "The arguments are too long.";
    validate ??= findCompiled(schema);
    patternsEndAtMs = performance.now() + PATTERNS_TIMEOUT_MS;
    try {
      if (validate(input)) return null;
    } catch (error) {
      if (error !== PATTERNS_TOO_SLOW) throw error;
      return "The arguments do not fit: they cannot be compared with a pattern. Give shorter ones.";
    }
    const mistakes = (validate.errors ?? []).slice(0, MISTAKES_MAX).map(describe);
    return `The arguments do not fit: ${mistakes.join("; ")}. Correct them, or ask the customer for what is missing.`;
  };
}

/**
 * Says now what is wrong with a schema.
 * @throws AppError TOOL_MISCONFIGURED when it is no JSON schema of an object.
 */
export function assertArgumentsSchema(schema: JsonObject): void {
  findCompiled(schema);
}

function findCompiled(schema: JsonObject): ValidateFunction {
  // A schema may have megabytes, of which the cache would keep hundreds.
  const key = createHash("sha256").update(JSON.stringify(schema)).digest("base64url");
  const validate = kept.get(key) ?? compile(schema);
  kept.delete(key);
  kept.set(key, validate);
  const oldest = kept.keys().next().value;
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  return validate;
}

function compile(schema: JsonObject): ValidateFunction {
  const { $schema: dialect, $id: _id, ...plain } = schema;
  const isOld = typeof dialect === "string" && /draft-0[4-7]/.test(dialect);
  try {
    return (isOld ? openAjv(Ajv) : openAjv(Ajv2020)).compile(plain);
  } catch (cause) {
    throw new AppError(
      "TOOL_MISCONFIGURED",
      `The parameters are no JSON schema: ${cause instanceof Error ? cause.message : "unreadable"}`,
      { cause },
    );
  }
}

function openAjv(Version: typeof Ajv | typeof Ajv2020): Ajv | Ajv2020 {
  const ajv = new Version({
    strict: false,
    allErrors: true,
    addUsedSchema: false,
    logger: false,
    code: { regExp: Object.assign(patientRegExp, { code: "patientRegExp" }) },
  });
  addFormats.default(ajv);
  return ajv;
}

/**
 * Longest time that all patterns of a tenant may take on a model's text together: while they do, nothing
 * else happens in the process.
 */
const PATTERNS_TIMEOUT_MS = 200;

/** Ends a check, whatever it has found so far: within a `not`, a pattern that fails would let through. */
const PATTERNS_TOO_SLOW = new Error("The patterns of a schema take too long.");

/** Of the check that is being made; nothing else runs meanwhile. */
let patternsEndAtMs = 0;

const sandbox = createContext({});

/** A pattern that backtracks for ever ends the check as failed, instead of the process. */
function patientRegExp(pattern: string, flags: string) {
  return {
    // ajv takes patterns of the same text for the same pattern
    toString: () => `/${pattern}/${flags}`,
    test: (text: string): boolean => {
      const leftMs = Math.ceil(patternsEndAtMs - performance.now());
      if (leftMs <= 0) throw PATTERNS_TOO_SLOW;
      Object.assign(sandbox, { pattern, flags, text });
      try {
        const found: unknown = runInContext("new RegExp(pattern, flags).test(text)", sandbox, {
          timeout: leftMs,
        });
        return found === true;
      } catch (error) {
        if (isTimeout(error)) throw PATTERNS_TOO_SLOW;
        return false;
      }
    },
  };
}

function isTimeout(error: unknown): boolean {
  // It comes from another context, in which `Error` is another one.
  return Timeout.safeParse(error).success;
}

const Timeout = z.object({ code: z.literal("ERR_SCRIPT_EXECUTION_TIMEOUT") });

function describe({ instancePath, message, params, keyword }: ErrorObject): string {
  const where = instancePath === "" ? "the arguments" : instancePath.slice(1).replaceAll("/", ".");
  const allowed = keyword === "enum" ? ` (${JSON.stringify(params["allowedValues"])})` : "";
  const extra =
    keyword === "additionalProperties" ? ` (${String(params["additionalProperty"])})` : "";
  return `${where} ${message ?? "is wrong"}${allowed}${extra}`;
}
