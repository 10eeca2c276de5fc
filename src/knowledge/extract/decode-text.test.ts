import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeText } from "./decode-text.ts";

test("text in UTF-8 is decoded to itself, with a mark and without", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      fc.pre(!/\p{Cc}/u.test(text) && !text.startsWith("\uFEFF"));
      expect(decodeText(Buffer.from(text))?.text).toBe(text);
      expect(decodeText(Buffer.from(`\uFEFF${text}`))?.text).toBe(text);
    }),
  );
});

test.each([
  ["utf-16le", Buffer.from("\uFEFFGrüße", "utf16le")],
  ["utf-16be", Buffer.from("\uFEFFGrüße", "utf16le").swap16()],
  ["utf-32le", Buffer.from(Uint32Array.from("\uFEFFGrüße", (c) => c.codePointAt(0) ?? 0).buffer)],
])("a byte order mark tells %s", (encoding, bytes) => {
  expect(decodeText(bytes)).toEqual({ text: "Grüße", encoding, hasLosses: false });
});

test("what a page declares decides where the bytes do not", () => {
  const page = Buffer.from('<meta charset="koi8-r"><p>\xf0\xd2\xc9\xd7\xc5\xd4</p>', "latin1");
  expect(decodeText(page)?.text).toContain("Привет");
});

test("a few wrong bytes do not spoil a text, and are told of", () => {
  const text = Buffer.concat([
    Buffer.from("Grüße aus Köln, schöne Größe. ".repeat(20)),
    Buffer.from([0xff]),
  ]);
  expect(decodeText(text)).toMatchObject({ encoding: "utf-8", hasLosses: true });
});

test("binary data is no text", () => {
  expect(decodeText(Buffer.from([1, 0, 2, 0, 3, 255, 254, 0]))).toBeNull();
  expect(decodeText(Buffer.from([72, 105, 0, 1, 2, 3]))).toBeNull();
});
