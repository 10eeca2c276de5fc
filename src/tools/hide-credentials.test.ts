import { expect, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { createCredentialFilter } from "./hide-credentials.ts";

const filter = createCredentialFilter({ username: "shop", password: "long and/secret" });

test("credentials that a server sends back are blotted out, plain or encoded, wherever they stand", () => {
  const basic = Buffer.from("shop:long and/secret").toString("base64");

  expect(
    filter.inJson({
      headers: [{ authorization: `Basic ${basic}` }],
      "for long and/secret": ["?key=long%20and%2Fsecret", 7, null],
    }),
  ).toEqual({
    headers: [{ authorization: "Basic [credential removed]" }],
    "for [credential removed]": ["?key=[credential removed]", 7, null],
  });
});

test("an error keeps its code and loses the credential", () => {
  const error = new AppError("TOOL_REQUEST_REJECTED", "No such key: long and/secret", {
    details: { status: 400 },
  });

  expect(filter.inError(error)).toMatchObject({
    code: "TOOL_REQUEST_REJECTED",
    message: "No such key: [credential removed]",
    details: { status: 400 },
  });
});

test("the name of a user and short words stay as they are", () => {
  expect(
    createCredentialFilter({ username: "customer", mode: "test" }).inJson("customer test"),
  ).toBe("customer test");
});

test("a credential at the place of a cut is gone before the cut", () => {
  const error = new AppError("TOOL_REQUEST_REJECTED", `${"x".repeat(1_190)}long and/secret rest`);

  const { message } = filter.inError(error);

  expect(message).not.toContain("long");
  expect(message.length).toBeLessThan(1_250);
});

test("a key in the headers of the settings is a credential, what says only the form is none", () => {
  const { inJson } = createCredentialFilter(
    {},
    { headers: { "X-Key": "key-1234567", Auth: "Token abcdefgh", Accept: "application/json" } },
  );

  expect(inJson("key-1234567 abcdefgh application/json")).toBe(
    "[credential removed] [credential removed] application/json",
  );
});
