import { expect, test } from "vitest";
import type { DocumentBlock } from "#domain/document.ts";
import { splitDocument } from "#knowledge/split/split-document.ts";
import { splitOffThread } from "./split-off-thread.ts";

const blocksOf = (count: number): readonly DocumentBlock[] =>
  Array.from({ length: count }, (_, index) => ({
    text: `Paragraph ${index}. ${"A sentence of this manual. ".repeat(20)}`,
    headings: [`Chapter ${index % 7}`],
    page: index,
  }));

const { signal } = new AbortController();

test.for([3, 400])("%i blocks are cut as they are in place", async (count) => {
  const blocks = blocksOf(count);

  expect(await splitOffThread(blocks, signal)).toEqual(splitDocument(blocks));
});

test("a stop ends the cutting of a long document", async () => {
  const controller = new AbortController();
  const reason = new Error("stopped");
  const cut = splitOffThread(blocksOf(2_000), controller.signal);
  controller.abort(reason);

  await expect(cut).rejects.toBe(reason);
});
