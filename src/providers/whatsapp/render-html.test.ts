import { expect, test } from "vitest";
import { renderWhatsAppText } from "./render-markdown.ts";

test.each([
  ["Dear <your name>, welcome", "Dear <your name>, welcome"],
  ["if a <b and c> d", "if a <b and c> d"],
  ['<span style="color:red">Sold out</span>, <b>sorry</b>', "Sold out, sorry"],
  ["one<br/>two <!-- three -->", "one\ntwo"],
])("of %j the tags of HTML go, and what is meant to be read stays", (markdown, text) => {
  expect(renderWhatsAppText(markdown)).toBe(text);
});
