import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

test("without any setting the defaults start a working product", () => {
  expect(readConfig({})).toMatchObject({
    PORT: 3000,
    DEFAULT_MODEL: "demo:extractive",
    GRAPH_API_BASE_URL: "https://graph.facebook.com",
    WEBHOOK_ALLOW_UNSIGNED: false,
    LOG_LEVEL: "info",
  });
});

test("an empty value counts as not set", () => {
  expect(readConfig({ PORT: "", DATABASE_URL: "" })).toMatchObject({ PORT: 3000 });
});

test.for([
  ["PORT", "three thousand", "PORT: must be a port number"],
  ["PORT", "70000", "PORT: "],
  ["DATABASE_URL", "mysql://host/db", "DATABASE_URL: must look like postgres://"],
  ["LOG_LEVEL", "chatty", "LOG_LEVEL: must be one of debug, info"],
  ["WEBHOOK_ALLOW_UNSIGNED", "yes", "WEBHOOK_ALLOW_UNSIGNED: must be true or false"],
  ["DEFAULT_MODEL", "some-model", "DEFAULT_MODEL: must be provider:model"],
  ["ENCRYPTION_KEYS", "not base64!", "ENCRYPTION_KEYS: must be base64 keys of 32 bytes"],
  ["GRAPH_API_VERSION", "newest", "GRAPH_API_VERSION: must look like v26.0"],
  ["OPENAI_BASE_URL", "ftp://x", "OPENAI_BASE_URL: must be an http(s) address"],
] as const)(
  "a wrong %s is told in a sentence that names it and not its value",
  ([name, value, sentence]) => {
    const reading = () => readConfig({ [name]: value });

    expect(reading).toThrow(sentence);
    expect(reading).not.toThrow(value);
  },
);

test("all wrong settings are told at once", () => {
  expect(() => readConfig({ PORT: "x", LOG_LEVEL: "y" })).toThrow(/PORT.*LOG_LEVEL/);
});

test("several keys are read in their order", () => {
  const keys = ["A".repeat(43), "B".repeat(43)].map((key) => `${key}=`);

  expect(readConfig({ ENCRYPTION_KEYS: ` ${keys.join(" , ")} ` }).ENCRYPTION_KEYS).toEqual(keys);
});
