import { expect, onTestFinished, test } from "vitest";
import { jsonSchemaOf } from "#platform/json-schema-of.ts";
import { createGuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { ANA, integrationOf } from "#tools/integration-for-tests.ts";
import type { Integration } from "#tools/tool-source.ts";
import { createHttpTools } from "./open-http-tools.ts";
import { startToolServer, type ToolAnswer } from "./tool-server-for-tests.ts";

const NEVER = new AbortController().signal;

async function open(changes: Partial<Integration>, allowPrivateAddresses = true) {
  const requests = createGuardedRequests({ allowPrivateAddresses });
  onTestFinished(() => requests.close());
  const tools = await createHttpTools({ requests })(integrationOf(changes), ANA, NEVER);
  const tool = tools["a_tool"];
  if (tool === undefined) throw new Error("no tool");
  return tool;
}

async function callWith(answer: ToolAnswer, settings: Record<string, string> = {}) {
  await using server = await startToolServer();
  server.answerWith(() => answer);
  const tool = await open({ settings: { url: server.url, ...settings } });
  const result: unknown = await tool.execute({}, NEVER).catch((error: unknown) => error);
  return { result, requests: server.requests };
}

test("JSON comes back as JSON, text as text, nothing as a note", async () => {
  expect((await callWith({ body: { a: [1] } })).result).toEqual({ a: [1] });
  expect((await callWith({ body: "Sunny\u0000" })).result).toBe("Sunny");
  expect((await callWith({ status: 204, body: "" })).result).toMatchObject({ status: 204 });
});

test("an answer of several megabytes is read in part, and says so", async () => {
  const { result } = await callWith({ body: "x".repeat(3_000_000) });
  expect(result).toMatchObject({ note: expect.stringContaining("larger than 1 MB") });
});

test.each([
  [401, "GET", "TOOL_CREDENTIALS_REFUSED"],
  [302, "GET", "TOOL_MISCONFIGURED"],
  [303, "POST", "TOOL_OUTCOME_UNKNOWN"],
  [307, "POST", "TOOL_OUTCOME_UNKNOWN"],
  [408, "POST", "TOOL_OUTCOME_UNKNOWN"],
  [408, "GET", "TOOL_UNAVAILABLE"],
  [429, "POST", "TOOL_UNAVAILABLE"],
  [503, "POST", "TOOL_UNAVAILABLE"],
  [500, "GET", "TOOL_UNAVAILABLE"],
  [500, "POST", "TOOL_OUTCOME_UNKNOWN"],
  [422, "POST", "TOOL_REQUEST_REJECTED"],
])("status %i of a %s is %s", async (status, method, code) => {
  const { result } = await callWith(
    { status, body: "day is in the past", headers: { location: "/elsewhere" } },
    { method },
  );
  expect(result).toMatchObject({ code });
});

test("what a server says to a wrong request reaches the model, and nobody is asked twice", async () => {
  const { result, requests } = await callWith(
    { status: 422, body: "day is in the past" },
    { method: "POST" },
  );
  expect(result).toMatchObject({ message: expect.stringContaining("day is in the past") });
  expect(requests).toHaveLength(1);
});

test("a redirect is not followed", async () => {
  const { requests } = await callWith({ status: 307, body: "", headers: { location: "/other" } });
  expect(requests).toHaveLength(1);
});

test("a connection that breaks leaves the outcome of a change unknown", async () => {
  expect((await callWith("drop", { method: "POST" })).result).toMatchObject({
    code: "TOOL_OUTCOME_UNKNOWN",
  });
});

test("addresses inside the own network are not reached", async () => {
  await using server = await startToolServer();
  const tool = await open({ settings: { url: server.url } }, false);
  await expect(tool.execute({}, NEVER)).rejects.toMatchObject({ code: "TOOL_MISCONFIGURED" });
  expect(server.requests).toEqual([]);
});

test("the model does not see what is bound", async () => {
  const tool = await open({
    toolConfig: {
      parameters: {
        type: "object",
        properties: { day: { type: "string" }, customer: { type: "string" } },
        required: ["day", "customer"],
      },
      bound: { customer: "{{contact.phone}}" },
    },
  });
  expect(jsonSchemaOf(tool.inputSchema)).toEqual({
    type: "object",
    properties: { day: { type: "string" } },
    required: ["day"],
  });
});

test("a GET leaves nothing behind, other methods may; settings can say otherwise", async () => {
  const url = "https://api.example.com/";
  const effectsOf = async (settings: Record<string, string>) =>
    (await open({ settings: { url, ...settings } })).origin?.effects;
  expect(await effectsOf({})).toBe("none");
  expect(await effectsOf({ method: "POST" })).toBe("outside");
  expect(await effectsOf({ method: "POST", effects: "none" })).toBe("none");
});

test.each([
  ["outside", "GET", "TOOL_OUTCOME_UNKNOWN"],
  ["none", "POST", "TOOL_UNAVAILABLE"],
])(
  "effects %s of the chatbot's own configuration decide what a failed %s means",
  async (effects, method, code) => {
    await using server = await startToolServer();
    server.answerWith(() => ({ status: 500, body: "" }));

    const tool = await open({ settings: { url: server.url, method }, toolConfig: { effects } });

    expect(tool.origin?.effects).toBe(effects);
    await expect(tool.execute({}, NEVER)).rejects.toMatchObject({ code });
  },
);
