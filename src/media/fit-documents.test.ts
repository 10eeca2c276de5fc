import { expect, test } from "vitest";
import type { HistoryEntry } from "#domain/conversation.ts";
import { fitDocuments } from "./fit-documents.ts";

const WORDS = "word ".repeat(80).trim(); // 100 tokens

function document(text: string | null): HistoryEntry {
  return {
    author: "customer",
    type: "document",
    text: "See this",
    sentAt: "2026-01-01T00:00:00Z",
    media: {
      kind: "document",
      status: "read",
      reason: null,
      mimeType: null,
      sizeBytes: 1,
      storageKey: "key",
      text,
      isCut: false,
    },
  };
}

const shown = ({ media }: HistoryEntry) => [media?.text?.length ?? 0, media?.isCut];

test("the newest documents are given whole, the next is cut, and older ones go", () => {
  const { history, incoming } = fitDocuments(
    { history: [document(WORDS), document(WORDS)], incoming: [document(WORDS)] },
    150,
  );
  expect(incoming.map(shown)).toEqual([[WORDS.length, false]]);
  expect(history.map(shown)).toEqual([
    [0, true],
    [199, true],
  ]);
});

test("what was said with a document stays", () => {
  const { history } = fitDocuments({ history: [document(WORDS)], incoming: [] }, 0);
  expect(history).toMatchObject([{ text: "See this", media: { text: null, isCut: true } }]);
});

test("a conversation without documents is left as it is", () => {
  const context = { history: [{ ...document(null), type: "image" }], incoming: [] };
  expect(fitDocuments(context)).toEqual(context);
});
