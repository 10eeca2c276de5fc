import type { KnowledgeSource } from "#domain/knowledge.ts";

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
} as const;
