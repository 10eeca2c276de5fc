import { z } from "zod";
import type { TableDescription } from "#store/database-admin.ts";
import type { Row } from "./command.ts";

/** Types whose values tell nothing about a person. */
const HARMLESS_TYPES =
  /^(uuid|boolean|smallint|integer|bigint|numeric|double precision|real|timestamp|date)/;

/** Texts that are words of ours and not what people wrote; all others are masked. */
const HARMLESS_TEXTS = new Set(
  "slug status state kind model fallback_model direction author handler field outcome severity alert_type error_code action actor_type target_type disabled_reason currency pricing_category flow_id step_id role provider_id source_type integration_type tool_type".split(
    " ",
  ),
);
const HARMLESS_NAMES = new Set(["organizations.name", "chatbots.name", "messages.type"]);

/** A row with everything masked that may be a secret or what somebody wrote. */
export function maskRow(
  table: Pick<TableDescription, "table" | "columns">,
  row: Readonly<Record<string, unknown>>,
): Row {
  return Object.fromEntries(
    table.columns.map(({ name, type }) => {
      const isHarmless =
        HARMLESS_TYPES.test(type) ||
        HARMLESS_TEXTS.has(name) ||
        HARMLESS_NAMES.has(`${table.table}.${name}`);
      return [name, isHarmless ? Scalar.parse(row[name] ?? null) : mask(row[name])];
    }),
  );
}

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

function mask(value: unknown): string | null {
  if (value == null) return null;
  if (typeof value === "string") return value === "" ? "" : `‹${value.length} characters›`;
  return Array.isArray(value) ? `‹${value.length} values›` : `‹${typeof value}›`;
}

const Described = z.object({
  table: z.string(),
  rows: z.number().nullable(),
  columns: z.array(z.object({ name: z.string(), type: z.string(), isNullable: z.boolean() })),
  sample: z.array(z.record(z.string(), Scalar)),
});

/** A table for people: its columns, then its first rows. */
export function formatTable(row: Row): string {
  const { table, rows, columns, sample } = Described.parse(row);
  const count =
    rows === null ? "not readable by the program" : `${rows} row${rows === 1 ? "" : "s"}`;
  const lines = columns.map(
    ({ name, type, isNullable }) => `  ${name.padEnd(30)} ${type}${isNullable ? "" : " not null"}`,
  );
  const shown = sample.map((values, index) => {
    const pairs = Object.entries(values).filter(([, value]) => value !== null && value !== "");
    return `  ${index + 1}. ${pairs.map(([name, value]) => `${name}=${String(value)}`).join(", ")}`;
  });
  return [`${table} (${count})`, ...lines, ...(shown.length > 0 ? ["", ...shown] : []), ""].join(
    "\n",
  );
}
