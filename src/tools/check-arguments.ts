import { createContext, runInContext } from "node:vm";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";
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
 * they chose: each is compiled for itself, and none can fetch another.
 * @throws AppError TOOL_MISCONFIGURED when it is no JSON schema of an object.
 */
export function createArgumentsCheck(schema: JsonObject): ArgumentsCheck {
  const key = JSON.stringify(schema);
  const validate = kept.get(key) ?? compile(schema);
  kept.delete(key);
  kept.set(key, validate);
  const oldest = kept.keys().next().value;
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  return (input) => {
    if ((JSON.stringify(input) ?? "").length > ARGUMENTS_LENGTH_MAX)
      return "The arguments are too long.";
    if (validate(input)) return null;
    const mistakes = (validate.errors ?? []).slice(0, MISTAKES_MAX).map(describe);
    return `The arguments do not fit: ${mistakes.join("; ")}. Correct them, or ask the customer for what is missing.`;
  };
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

/** Longest time that a pattern of a tenant may take on a model's text. */
const PATTERN_TIMEOUT_MS = 50;

const sandbox = createContext({});

/** A pattern that backtracks for ever is no match, instead of the end of the process. */
function patientRegExp(pattern: string, flags: string) {
  return {
    // ajv takes patterns of the same text for the same pattern
    toString: () => `/${pattern}/${flags}`,
    test: (text: string): boolean => {
      Object.assign(sandbox, { pattern, flags, text });
      try {
        const found: unknown = runInContext("new RegExp(pattern, flags).test(text)", sandbox, {
          timeout: PATTERN_TIMEOUT_MS,
        });
        return found === true;
      } catch {
        return false;
      }
    },
  };
}

function describe({ instancePath, message, params, keyword }: ErrorObject): string {
  const where = instancePath === "" ? "the arguments" : instancePath.slice(1).replaceAll("/", ".");
  const allowed = keyword === "enum" ? ` (${JSON.stringify(params["allowedValues"])})` : "";
  const extra =
    keyword === "additionalProperties" ? ` (${String(params["additionalProperty"])})` : "";
  return `${where} ${message ?? "is wrong"}${allowed}${extra}`;
}
