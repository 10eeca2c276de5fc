import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";

/** A set of documents, questions, and which documents answer each of them. */
export type Collection = {
  readonly name: string;
  readonly documents: readonly Document[];
  readonly questions: readonly Question[];
  /** For each question, the documents that answer it and how well; only those above 0. */
  readonly relevant: ReadonlyMap<string, ReadonlyMap<string, number>>;
};

const Document = z
  .object({ _id: z.coerce.string(), title: z.string().default(""), text: z.string() })
  .transform(({ _id, title, text }) => ({ id: _id, title, text }));
export type Document = z.infer<typeof Document>;

const Question = z
  .object({ _id: z.coerce.string(), text: z.string() })
  .transform(({ _id, text }) => ({ id: _id, text }));
export type Question = z.infer<typeof Question>;

/** The folder itself if it holds a collection, otherwise the folders in it that do. */
export async function findCollections(folder: string): Promise<string[]> {
  if (existsSync(join(folder, "corpus.jsonl"))) return [folder];
  const inside = await readdir(folder);
  return inside
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, "corpus.jsonl")))
    .toSorted();
}

/** Reads `corpus.jsonl`, `queries.jsonl` and `qrels.tsv` (query, document, score; a heading or none). */
export async function readCollection(folder: string): Promise<Collection> {
  const relevant = new Map<string, Map<string, number>>();
  for (const line of await readLines(join(folder, "qrels.tsv"))) {
    const [question = "", document = "", score] = line.split("\t");
    if (!(Number(score) > 0)) continue;
    const known = relevant.get(question) ?? new Map<string, number>();
    relevant.set(question, known.set(document, Number(score)));
  }
  const documents = await readLines(join(folder, "corpus.jsonl"));
  const questions = await readLines(join(folder, "queries.jsonl"));
  return {
    name: basename(folder),
    documents: documents.map((line) => Document.parse(JSON.parse(line))),
    questions: questions
      .map((line) => Question.parse(JSON.parse(line)))
      .filter(({ id }) => relevant.has(id)),
    relevant,
  };
}

async function readLines(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8");
  return text.split("\n").filter((line) => line.trim() !== "");
}
