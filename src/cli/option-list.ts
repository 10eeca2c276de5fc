import { type Command as CommanderCommand, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { JsonValue } from "#domain/webhook-event.ts";
import { kebab } from "./commands/parse-input.ts";

/** A field of a command's input, as the command line sees it. */
export type InputField = {
  readonly name: string;
  readonly type: "text" | "number" | "flag" | "list";
  readonly description: string;
  readonly choices: readonly string[] | null;
  readonly isRequired: boolean;
  readonly isPositional: boolean;
  readonly isSecret: boolean;
  /** A secret that may not stand on the command line, where everybody on the machine sees it. */
  readonly isNeverTyped: boolean;
  readonly placeholder: string;
};

const Property = z.object({
  type: z.string().optional(),
  description: z.string().default(""),
  enum: z.array(z.string()).optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  positional: z.boolean().default(false),
  secret: z.boolean().default(false),
  neverTyped: z.boolean().default(false),
  placeholder: z.string().optional(),
});

/** Reads the fields off the schema, so that a command states each of them once. */
export function listFields(input: z.ZodObject): readonly InputField[] {
  const schema = z
    .object({
      properties: z.record(z.string(), Property).default({}),
      required: z.array(z.string()).default([]),
    })
    .parse(z.toJSONSchema(input, { io: "input", unrepresentable: "any" }));
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    type: typeOf(property.type),
    description: describe(property),
    choices: property.enum ?? null,
    isRequired: schema.required.includes(name),
    isPositional: property.positional,
    isSecret: property.secret,
    isNeverTyped: property.neverTyped,
    placeholder: property.placeholder ?? (typeOf(property.type) === "number" ? "number" : "text"),
  }));
}

function typeOf(type: string | undefined): InputField["type"] {
  if (type === "boolean") return "flag";
  if (type === "array") return "list";
  return type === "integer" || type === "number" ? "number" : "text";
}

function describe(property: z.infer<typeof Property>): string {
  const { default: preset, description } = property;
  return preset === undefined || preset === false
    ? description
    : `${description} (default: ${preset})`;
}

/** Gives a command of commander the fields as arguments and options. */
export function addFields(command: CommanderCommand, fields: readonly InputField[]): void {
  for (const field of fields) {
    const more = field.type === "list" ? "..." : "";
    if (field.isPositional) command.argument(`<${kebab(field.name)}${more}>`, field.description);
    else addOption(command, field);
  }
}

function addOption(command: CommanderCommand, field: InputField): void {
  const flag = `--${kebab(field.name)}`;
  if (field.type === "flag") {
    command.addOption(new Option(flag, field.description));
    return;
  }
  const needed = field.isRequired ? " (needed)" : "";
  const option = new Option(`${flag} <${field.placeholder}>`, `${field.description}${needed}`);
  if (field.choices !== null) option.choices(field.choices);
  if (field.type === "number") option.argParser(parseNumber);
  command.addOption(option);
  if (field.isSecret)
    command.addOption(
      new Option(`${flag}-file <path>`, `The same from a file; ${flag} - reads standard input.`),
    );
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new InvalidArgumentError("It must be a number.");
  return value;
}

/** Puts arguments and options together as the command's input; secrets come from where they are. */
export async function collectInput(
  fields: readonly InputField[],
  typed: {
    readonly values: readonly string[];
    readonly options: Readonly<Record<string, unknown>>;
  },
  readSecret: (typed: { readonly value?: string; readonly file?: string }) => Promise<string>,
): Promise<Record<string, JsonValue>> {
  const input: Record<string, JsonValue> = {};
  const positionals = fields.filter((field) => field.isPositional);
  for (const [index, field] of positionals.entries()) {
    const value = typed.values[index];
    if (value !== undefined)
      input[field.name] = field.type === "list" ? typed.values.slice(index) : value;
  }
  for (const field of fields) {
    const value = Scalar.optional().parse(typed.options[field.name]);
    if (field.isNeverTyped && value !== undefined && value !== "-")
      throw new AppError(
        "INPUT_INVALID",
        `--${kebab(field.name)}: what stands on the command line can be seen by everybody on this machine. Give - to read it from standard input, or a file with --${kebab(field.name)}-file.`,
      );
    const file = z.string().optional().parse(typed.options[`${field.name}File`]);
    if (field.isSecret && (typeof value === "string" || file !== undefined))
      input[field.name] = await readSecret({
        ...(typeof value === "string" ? { value } : {}),
        ...(file === undefined ? {} : { file }),
      });
    else if (value !== undefined) input[field.name] = value;
  }
  return input;
}

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
