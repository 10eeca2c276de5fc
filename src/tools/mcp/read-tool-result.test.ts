import { expect, test } from "vitest";
import { readToolResult } from "./read-tool-result.ts";

const text = (value: string) => ({ type: "text", text: value });

test("texts are joined, and data stays data", () => {
  expect(readToolResult({ content: [text("one"), text("two")] })).toBe("one\ntwo");
  expect(
    readToolResult({ content: [text("two orders")], structuredContent: { orders: [1, 2] } }),
  ).toEqual({ text: "two orders", data: { orders: [1, 2] } });
});

test("data that is repeated as text is told once", () => {
  const data = { price: 12 };

  expect(readToolResult({ content: [text('{ "price": 12 }')], structuredContent: data })).toEqual({
    data,
  });
});

test("what a model cannot see is said to be there, and its bytes are left out", () => {
  const result = readToolResult({
    content: [
      { type: "image", data: "AAAA", mimeType: "image/png" },
      { type: "audio", data: "AAAA", mimeType: "audio/ogg" },
      { type: "resource", resource: { uri: "file:///a.pdf", blob: "AAAA" } },
      { type: "resource", resource: { uri: "file:///a.txt", text: "inside" } },
      { type: "resource_link", uri: "https://example.com/b", name: "B" },
      { type: "hologram", data: "AAAA" },
    ],
  });

  expect(result).toEqual({
    text: "file:///a.txt:\ninside",
    notes: [
      "There is image (image/png) that cannot be shown.",
      "There is audio (audio/ogg) that cannot be shown.",
      "There is a file file:///a.pdf (of unknown type) that cannot be shown.",
      "There is more at https://example.com/b (B).",
      "A part of the kind hologram is left out.",
    ].join("\n"),
  });
  expect(JSON.stringify(result)).not.toContain("AAAA");
});

test("a long text or long data is cut, with a note of how much there was", () => {
  const long = readToolResult({ content: [text("é".repeat(50_000))] });
  expect(long).toMatch(/^é{19000}\n\[Cut here: the result has 50000 characters/);

  const data = readToolResult({ content: [], structuredContent: { list: "x".repeat(50_000) } });
  expect(data).toMatchObject({ data: expect.stringContaining("[Cut here") });
  expect(JSON.stringify(data).length).toBeLessThan(19_400);
});

test("half of a character is not left at a cut", () => {
  expect(
    JSON.stringify(readToolResult({ content: [text(`x${"😀".repeat(20_000)}`)] })).includes(
      "ud83d",
    ),
  ).toBe(false);
});

test("a tool that says it failed is a refusal in its own words, cut", () => {
  expect(() => readToolResult({ content: [text("no such order")], isError: true })).toThrow(
    expect.objectContaining({
      code: "TOOL_REQUEST_REJECTED",
      message: "The tool says that it failed: no such order",
    }),
  );
  expect(() => readToolResult({ content: [text("x".repeat(9_000))], isError: true })).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^.{900,1200}$/s) }),
  );
});

test.for([null, "text", { content: "text" }, { content: [{ text: "no type" }] }])(
  "%j is no result",
  (result) => {
    expect(() => readToolResult(result)).toThrow(
      expect.objectContaining({ code: "TOOL_OUTCOME_UNKNOWN" }),
    );
  },
);

test("the result of the protocol's first version is read, and an empty one is an empty text", () => {
  expect(readToolResult({ toolResult: 7 })).toEqual({ data: 7 });
  expect(readToolResult({ content: [] })).toBe("");
});
