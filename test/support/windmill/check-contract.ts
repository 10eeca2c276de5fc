import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { z } from "zod";

const Schema = z.record(z.string(), z.unknown());
const Contract = z.object({
  operations: z.record(
    z.string(),
    z.object({
      method: z.string(),
      url: z.string(),
      query: z.array(z.string()),
      body: Schema.nullable(),
      answers: z.record(z.string(), Schema),
    }),
  ),
  definitions: z.record(z.string(), Schema),
});

/** A request as it came in. */
export type WireRequest = {
  readonly method: string;
  /** Path and query, after `/api`. */
  readonly url: string;
  readonly body: unknown;
};

/** A request that Windmill's own client could have made. */
export type KnownRequest = {
  readonly operation: string;
  /** What stood in the place of `{path}` and the like. */
  readonly parts: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
};

/** Holds requests and answers against the contract that is generated from Windmill's client. */
export type ContractCheck = {
  /** Null when there is no such operation. Other faults are noted. */
  readonly request: (request: WireRequest) => KnownRequest | null;
  readonly answer: (operation: string, status: number, body: unknown) => void;
  /** What did not fit, each in a sentence. */
  readonly violations: readonly string[];
};

/** Reads the contract beside this file. */
export function createContractCheck(): ContractCheck {
  const file = join(import.meta.dirname, "contract.json");
  const { operations, definitions } = Contract.parse(JSON.parse(readFileSync(file, "utf8")));
  const ajv = new Ajv({ allErrors: true, strict: false });
  const compile = (schema: z.infer<typeof Schema>) => ajv.compile({ ...schema, definitions });
  const violations: string[] = [];
  const known = Object.entries(operations).map(([name, operation]) => ({
    name,
    ...operation,
    pattern: patternOf(operation.url),
    body: operation.body === null ? null : compile(operation.body),
    answers: new Map(
      Object.entries(operation.answers).map(([status, schema]) => [status, compile(schema)]),
    ),
  }));
  const hold = (what: string, validate: ValidateFunction | null | undefined, value: unknown) => {
    if (validate == null || validate(value)) return;
    violations.push(`${what}: ${ajv.errorsText(validate.errors)}`);
  };
  return {
    violations,
    request: ({ method, url, body }) => {
      const [path = "", search = ""] = url.split("?");
      for (const operation of known) {
        const parts =
          operation.method === method ? operation.pattern.exec(path)?.groups : undefined;
        if (parts === undefined) continue;
        const query = new URLSearchParams(search);
        for (const name of query.keys())
          if (!operation.query.includes(name))
            violations.push(`${operation.name}: the query has an unknown ${name}`);
        if (operation.body === null && body !== undefined)
          violations.push(`${operation.name}: it takes no body`);
        hold(`${operation.name} is asked`, operation.body, body);
        return { operation: operation.name, query, parts: decode(parts) };
      }
      violations.push(`${method} ${path}: there is no such operation`);
      return null;
    },
    answer: (operation, status, body) => {
      const answers = known.find(({ name }) => name === operation)?.answers;
      // Of failures the client's types say nothing.
      if (status >= 400) return;
      const validate = answers?.get(String(status));
      if (validate === undefined) violations.push(`${operation} does not answer ${status}`);
      hold(`${operation} answers`, validate, body);
    },
  };
}

/** Paths of scripts have slashes, ids and workspaces have none. */
function patternOf(url: string): RegExp {
  const pattern = url.replaceAll(/\{(\w+)\}/g, (_text, name: string) =>
    name === "path" ? "(?<path>.+)" : `(?<${name}>[^/]+)`,
  );
  return new RegExp(`^${pattern}$`);
}

function decode(parts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, decodeURIComponent(part)]),
  );
}
