import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type ObjectProperty,
  parseSync,
  type Program,
  type PropertyKey,
  type TSType,
} from "oxc-parser";

/** What is sent and answered in each operation, as JSON schemas, made of Windmill's own client. */
export type WindmillContract = {
  readonly client: string;
  readonly operations: Readonly<Record<string, WindmillOperation>>;
  /** Types that the schemas refer to as `#/definitions/Name`. */
  readonly definitions: Readonly<Record<string, Schema>>;
};

/** One operation as it looks on the wire. */
export type WindmillOperation = {
  readonly method: string;
  readonly url: string;
  /** Names in the query; of anything else the server knows nothing. */
  readonly query: readonly string[];
  readonly body: Schema | null;
  /** By HTTP status; a text where the schema is a string. */
  readonly answers: Readonly<Record<string, Schema>>;
};

/** A JSON schema. */
export type Schema = { readonly [keyword: string]: unknown };

/** What Parley, and the tests that put a script on a server, ask of Windmill. */
const OPERATIONS = [
  "getScriptByPath",
  "runScriptByPath",
  "getCompletedJobResultMaybe",
  "getJob",
  "cancelQueuedJob",
  "createFolder",
  "createScript",
  "deleteScriptByPath",
] as const;

/** Of flows nothing is asked, and their types are larger than all others together. */
const OPAQUE: ReadonlySet<string> = new Set(["FlowStatus", "FlowValue"]);

const CLIENT = join(import.meta.dirname, "../node_modules/windmill-client");

/** Reads the types and the requests of the npm package `windmill-client`. */
export async function describeWindmill(): Promise<WindmillContract> {
  const { version } = JSON.parse(await readFile(join(CLIENT, "package.json"), "utf8"));
  const types = await parse("dist/types.gen.d.ts", "dts");
  const services = await parse("dist/services.gen.mjs", "js");
  const context: Context = { aliases: findAliases(types), definitions: {} };
  const requests = findRequests(services);
  const operations = OPERATIONS.map((name) => {
    const request = requests.get(name);
    if (request === undefined) throw new Error(`Windmill's client has no ${name} any more`);
    return [name, describeOperation(context, name, request)] as const;
  });
  const definitions = Object.entries(context.definitions).toSorted(([first], [second]) =>
    first < second ? -1 : 1,
  );
  return {
    client: `windmill-client ${version}`,
    operations: Object.fromEntries(operations),
    definitions: Object.fromEntries(definitions),
  };
}

async function parse(file: string, lang: "dts" | "js"): Promise<Program> {
  const { program, errors } = parseSync(file, await readFile(join(CLIENT, file), "utf8"), { lang });
  if (errors.length > 0) throw new Error(`${file} cannot be read: ${errors[0]?.message}`);
  return program;
}

type Context = {
  readonly aliases: ReadonlyMap<string, TSType>;
  readonly definitions: Record<string, Schema>;
};

function findAliases(program: Program): ReadonlyMap<string, TSType> {
  return new Map(
    program.body.flatMap((statement) => {
      const declared =
        statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
      return declared?.type === "TSTypeAliasDeclaration"
        ? [[declared.id.name, declared.typeAnnotation] as const]
        : [];
    }),
  );
}

type Request = Pick<WindmillOperation, "method" | "url" | "query">;

/** Every `static name(data) { return request(OpenAPI, { method, url, query }) }`. */
function findRequests(program: Program): ReadonlyMap<string, Request> {
  const found = new Map<string, Request>();
  for (const statement of program.body) {
    if (statement.type !== "VariableDeclaration") continue;
    const service = statement.declarations[0]?.init;
    if (service?.type !== "ClassExpression") continue;
    for (const member of service.body.body) {
      if (member.type !== "MethodDefinition" || member.key.type !== "Identifier") continue;
      const returned = member.value.body?.body.at(-1);
      if (returned?.type !== "ReturnStatement") continue;
      const call = returned.argument;
      const options = call?.type === "CallExpression" ? call.arguments[1] : undefined;
      if (options?.type !== "ObjectExpression") continue;
      const properties = options.properties.filter((property) => property.type === "Property");
      found.set(member.key.name, {
        method: textOf(properties, "method"),
        url: textOf(properties, "url"),
        query: namesOf(properties, "query"),
      });
    }
  }
  return found;
}

function nameOf({ key }: { readonly key: PropertyKey }): string {
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value) : "";
}

function valueOf(properties: readonly ObjectProperty[], name: string) {
  return properties.find((property) => nameOf(property) === name)?.value;
}

function textOf(properties: readonly ObjectProperty[], name: string): string {
  const value = valueOf(properties, name);
  return value?.type === "Literal" ? String(value.value) : "";
}

function namesOf(properties: readonly ObjectProperty[], name: string): readonly string[] {
  const value = valueOf(properties, name);
  if (value?.type !== "ObjectExpression") return [];
  return value.properties.filter((property) => property.type === "Property").map(nameOf);
}

function describeOperation(context: Context, name: string, request: Request): WindmillOperation {
  const data = context.aliases.get(`${name[0]?.toUpperCase()}${name.slice(1)}Data`);
  const body = data === undefined ? undefined : findMember(data, "requestBody");
  const api = context.aliases.get("$OpenApiTs");
  const path = api === undefined ? undefined : findMember(api, request.url);
  const method = path === undefined ? undefined : findMember(path, request.method.toLowerCase());
  const answers = method === undefined ? undefined : findMember(method, "res");
  if (answers?.type !== "TSTypeLiteral") throw new Error(`${name} says nothing of its answers`);
  return {
    ...request,
    body: body === undefined ? null : toSchema(context, body),
    answers: Object.fromEntries(
      membersOf(answers).map(({ key, type }) => [key, toSchema(context, type)]),
    ),
  };
}

type Member = { readonly key: string; readonly type: TSType; readonly isOptional: boolean };

function membersOf(type: TSType): readonly Member[] {
  if (type.type !== "TSTypeLiteral") return [];
  return type.members.flatMap((member) => {
    if (member.type !== "TSPropertySignature" || member.typeAnnotation == null) return [];
    const { typeAnnotation: type } = member.typeAnnotation;
    return [{ key: nameOf(member), type, isOptional: member.optional }];
  });
}

function findMember(type: TSType, name: string): TSType | undefined {
  return membersOf(type).find(({ key }) => key === name)?.type;
}

/** Objects are closed, so that a misspelt field shows. */
function toSchema(context: Context, type: TSType): Schema {
  switch (type.type) {
    case "TSStringKeyword":
      return { type: "string" };
    case "TSNumberKeyword":
      return { type: "number" };
    case "TSBooleanKeyword":
      return { type: "boolean" };
    case "TSNullKeyword":
      return { type: "null" };
    case "TSUnknownKeyword":
    case "TSAnyKeyword":
      return {};
    case "TSLiteralType":
      if (type.literal.type === "Literal") return { const: type.literal.value };
      break;
    case "TSParenthesizedType":
      return toSchema(context, type.typeAnnotation);
    case "TSArrayType":
      return { type: "array", items: toSchema(context, type.elementType) };
    case "TSUnionType":
      return unionOf(type.types.map((each) => toSchema(context, each)));
    case "TSIntersectionType":
      return intersect(context, type.types);
    case "TSTypeLiteral":
      return objectSchema(context, type);
    case "TSTypeReference":
      return refer(context, type);
    default:
  }
  throw new Error(`A type of the kind ${type.type} is not understood`);
}

function unionOf(schemas: readonly Schema[]): Schema {
  const constants = schemas.map((schema) => schema["const"]);
  return constants.every((value) => value !== undefined) ? { enum: constants } : { anyOf: schemas };
}

/** Of closed objects one closed object, spread over the branches of a union. */
function intersect(context: Context, types: readonly TSType[]): Schema {
  const parts = types.map((type) => resolve(context, type));
  const merged = parts.reduce<Schema>(
    (sum, part) => ({
      type: "object",
      properties: { ...asRecord(sum["properties"]), ...asRecord(part["properties"]) },
      required: [...asList(sum["required"]), ...asList(part["required"])],
      additionalProperties: false,
    }),
    {},
  );
  if (parts.some((part) => part["type"] !== "object"))
    throw new Error("An intersection of anything but objects is not understood");
  return merged;
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? { ...value } : {};
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The schema itself in place of a reference to it. */
function resolve(context: Context, type: TSType): Schema {
  const schema = toSchema(context, type);
  const name = /^#\/definitions\/(.+)$/.exec(String(schema["$ref"]))?.[1];
  return name === undefined ? schema : (context.definitions[name] ?? {});
}

function objectSchema(context: Context, type: TSType & { type: "TSTypeLiteral" }): Schema {
  const members = membersOf(type);
  const index = type.members.find((member) => member.type === "TSIndexSignature");
  return {
    type: "object",
    properties: Object.fromEntries(
      members.map((member) => [member.key, toSchema(context, member.type)]),
    ),
    required: members.filter(({ isOptional }) => !isOptional).map(({ key }) => key),
    additionalProperties:
      index === undefined ? false : toSchema(context, index.typeAnnotation.typeAnnotation),
  };
}

function refer(context: Context, type: TSType & { type: "TSTypeReference" }): Schema {
  const name = type.typeName.type === "Identifier" ? type.typeName.name : "";
  const [first] = type.typeArguments?.params ?? [];
  if (name === "Array" && first !== undefined)
    return { type: "array", items: toSchema(context, first) };
  if (OPAQUE.has(name)) return { type: "object" };
  const alias = context.aliases.get(name);
  if (alias === undefined) throw new Error(`The type ${name} is nowhere`);
  if (context.definitions[name] === undefined) {
    context.definitions[name] = {}; // types refer to themselves
    context.definitions[name] = toSchema(context, alias);
  }
  return { $ref: `#/definitions/${name}` };
}
