import type { KnowledgeSource } from "#domain/knowledge.ts";
import type { Row } from "./command.ts";

/** A document as commands show it. */
export function sourceSummary(source: KnowledgeSource) {
  const { organizationId: _organization, filePath: _file, removedAt: _removed, ...shown } = source;
  return shown;
}

/** What `knowledge add` and its like end with, for each document. */
export type DocumentResult = {
  readonly file: string;
  readonly sourceId: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly pages: number | null;
  readonly chunks: number;
  readonly seconds: number;
};

/** How people see them. */
export const RESULT_VIEW = {
  kind: "table",
  columns: ["file", "status", "pages", "chunks", "seconds", "reason"],
  whenEmpty: "There was no document.",
  isLast: ({ status }: Row) => status === "failed",
  footer: summarise,
} as const;

function summarise(rows: readonly Row[]): string | null {
  if (rows.length < 2) return null;
  const sumOf = (field: string): number =>
    rows.reduce((sum, row) => sum + Number(row[field] ?? 0), 0);
  const countOf = (status: string): number => rows.filter((row) => row["status"] === status).length;
  const seconds = Math.max(...rows.map((row) => Number(row["seconds"] ?? 0)));
  return `${countOf("synced")} learned, ${countOf("failed")} failed; ${sumOf("chunks")} passages, ${Math.round(seconds)} s.`;
}
