import { expect, test } from "vitest";
import { createMessageId } from "./create-message-id.ts";
import { serializeLikeMeta } from "./serialize-like-meta.ts";
import { signBody } from "./sign-body.ts";

test("the signature equals the documented test vector", () => {
  expect(signBody("It's a Secret to Everybody", "Hello, World!")).toBe(
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
  );
});

test("a webhook body is written as Meta writes it, and means the same", () => {
  const payload = { text: "äöå 😀 a/b", lone: "\ud83d" };
  const body = serializeLikeMeta(payload);
  expect(body).toBe(String.raw`{"text":"\u00e4\u00f6\u00e5 \ud83d\ude00 a\/b","lone":"\ud83d"}`);
  expect(JSON.parse(body)).toEqual(payload);
});

test("a message id has the layout of Meta's samples", () => {
  const sample = Buffer.from("HBgLMTY0NjcwNDM1OTUVAgASGBQzQTFBNkY0QTA4QjREQjdGNDIzQwA=", "base64");
  const ours = Buffer.from(
    createMessageId("16467043595", "inbound").slice("wamid.".length),
    "base64",
  );
  expect(ours.byteLength).toBe(sample.byteLength);
  expect(ours.subarray(0, 21)).toEqual(sample.subarray(0, 21));
  expect(ours.toString("latin1").slice(20, 40)).toMatch(/^3A[0-9A-F]{18}$/u);
});
