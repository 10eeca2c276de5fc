import { expect, test } from "vitest";
import { integrationOf } from "#tools/integration-for-tests.ts";
import { keyOf, readMcpSettings } from "./read-mcp-settings.ts";

const mcp = (settings: object, more = {}) =>
  integrationOf({
    provider: "mcp",
    settings: { mcp_server_url: "https://mcp.example.com/mcp", ...settings },
    ...more,
  });

test("the specification's row needs nothing but an address", () => {
  expect(readMcpSettings(mcp({}))).toEqual({
    settings: {
      mcp_server_url: "https://mcp.example.com/mcp",
      transport: "auto",
      headers: {},
      pass_identity: "none",
      timeout_ms: 25_000,
    },
    config: { bound: {} },
  });
});

test.for([
  { mcp_server_url: 7 },
  { transport: "stdio" },
  { command: "rm -rf /" },
  { headers: { "mcp-session-id": "x" } },
  { headers: { Authorization: "Bearer x" } },
  { headers: { "x y": "z" } },
  { auth: { type: "header", header: "Host" } },
  { auth: { type: "client_credentials" } },
  { timeout_ms: 60_000 },
])("the settings %j make no sense", (settings) => {
  expect(() => readMcpSettings(mcp(settings))).toThrow(
    expect.objectContaining({ code: "TOOL_MISCONFIGURED" }),
  );
});

test("other credentials or settings are another server, so that nothing kept of the old is used", () => {
  const keys = [
    keyOf(mcp({}, { credentials: { api_key: "one" } })),
    keyOf(mcp({}, { credentials: { api_key: "two" } })),
    keyOf(mcp({ transport: "sse" }, { credentials: { api_key: "one" } })),
  ];

  expect(new Set(keys).size).toBe(3);
  expect(keyOf(mcp({}, { credentials: { api_key: "one" } }))).toBe(keys[0]);
  expect(keys.join()).not.toContain("one");
});
