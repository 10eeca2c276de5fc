import { expect, test } from "vitest";
import { detectType } from "./detect-type.ts";

function typeOf(text: string, name: string | null = null): string {
  return detectType({ bytes: Buffer.from(text), name, url: null, charset: null }).extractor.type;
}

test.each([
  ["%PDF-1.7 and so on", null, "pdf"],
  ["Our PDFs begin with %PDF-1.7, as they should.", null, "text"],
  ["<!-- a comment -->\n<!DOCTYPE html><p>Hello</p>", null, "html"],
  ["<p>Hello</p>", "page.txt", "html"],
  ["# Title\n\n- one\n- two", null, "markdown"],
  ["Plain words", "notes.md", "markdown"],
  ["# a comment\nkey = value", "settings.txt", "text"],
  ["a;b\n1;2\n3;4", null, "csv"],
  ["Dear Ann, hello\nDear Bob, hello\nDear Cid, hello", null, "text"],
  ["one,two", "list.csv", "csv"],
])("%j named %s is %s", (text, name, type) => {
  expect(typeOf(text, name)).toBe(type);
});

test("what cannot be read is called by its name, with what to do", () => {
  expect(() => typeOf("{\\rtf1 text}")).toThrow(/RTF document.*Save its text as PDF/);
});
