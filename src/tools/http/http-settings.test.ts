import { expect, test } from "vitest";
import type { JsonObject } from "#domain/webhook-event.ts";
import { integrationOf } from "#tools/integration-for-tests.ts";
import { authorize } from "./authorize.ts";
import { readHttpSettings } from "./http-settings.ts";

const read = (settings: JsonObject, toolConfig: JsonObject = {}) =>
  readHttpSettings(integrationOf({ settings, toolConfig }));

test.each([
  ["https://{host}/", "host, in which there are no"],
  ["https://api.{host}.com/", "host, in which there are no"],
  ["https://user@example.com/", "host, in which there are no"],
  ["https://example.com{path}", "host, in which there are no"],
  ["https://example.com:{port}/", "host, in which there are no"],
  ["https://example.com\\{path}", "host, in which there are no"],
  ["file:///etc/passwd", "host, in which there are no"],
  ["{url}", "host, in which there are no"],
  ["https://example.com/{unknown}", "{unknown} is neither a parameter nor a bound argument"],
  ["https://example.com/{{contact.card}}", "There is no {{contact.card}}"],
])("the address %s is refused", (url, message) => {
  expect(() => read({ url })).toThrow(message);
});

test.each([
  [{ headers: { Host: "other" } }, "header Host"],
  [{ headers: { "a b": "c" } }, "header a b"],
  [{ method: "TRACE" }, "method"],
  [{ body: {} }, "GET request has no body"],
  [{ method: "POST", body: {}, form: {} }, "not both"],
  [{ uri: "https://example.com" }, "uri"],
])("settings %j are refused", (settings, message) => {
  expect(() => read({ url: "https://example.com", ...settings })).toThrow(message);
});

test("credentials are sent as the settings say, or as their names do", () => {
  const basic = `Basic ${Buffer.from("ana:sécret").toString("base64")}`;
  expect(authorize({}, {})).toEqual({});
  expect(authorize({}, { api_key: "k" })).toEqual({ authorization: "Bearer k" });
  expect(authorize({}, { username: "ana", password: "sécret" })).toEqual({ authorization: basic });
  expect(
    authorize({ auth: { type: "header", header: "X-Key", credential: "b" } }, { a: "1", b: "2" }),
  ).toEqual({ "x-key": "2" });
  expect(authorize({ auth: { type: "none" } }, { a: "1" })).toEqual({});
  expect(() => authorize({}, { a: "1", b: "2" })).toThrow("which of the credentials");
  expect(() => authorize({ auth: { type: "basic" } }, { a: "1" })).toThrow(
    "no credential username",
  );
  expect(() => authorize({}, { a: "1\r\nX: y" })).toThrow("line end");
});
