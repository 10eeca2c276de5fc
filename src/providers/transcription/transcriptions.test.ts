import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { createTranscriptions } from "./transcriptions.ts";

const NEVER = new AbortController().signal;
const RECORDING = { bytes: Buffer.from("OggS sound\r\n--"), mimeType: "audio/ogg" };

/** A server that answers the same to every recording, and a client of it. */
async function start(answer: { readonly status?: number; readonly body: string } | "hang") {
  const seen: { url: string | undefined; type: string; body: string; key: string | undefined }[] =
    [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { url, headers } = request;
      const type = headers["content-type"] ?? "";
      seen.push({ url, type, body: body.toString("latin1"), key: headers.authorization });
      if (answer !== "hang") response.writeHead(answer.status ?? 200).end(answer.body);
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  const port = address === null || typeof address === "string" ? 0 : address.port;
  const transcriptions = createTranscriptions({
    openai: { apiKey: "key", baseUrl: `http://127.0.0.1:${port}/v1/` },
    models: { get: () => Promise.reject(new Error("not in this test")) as never },
    timeoutMs: 300,
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await transcriptions.close();
  });
  return { transcriptions, seen };
}

test("the recording goes as a form with the name of the model", async () => {
  const { transcriptions, seen } = await start({ body: '{"text":" Hello. "}' });
  const heard = await transcriptions.get("openai:whisper-1").transcribe(RECORDING, NEVER);
  expect(heard).toEqual({ text: "Hello.", tokensPrompt: 0, tokensCompletion: 0, billedMs: null });
  const [{ url, type, body, key } = { url: "", type: "", body: "", key: "" }] = seen;
  expect({ url, key }).toEqual({ url: "/v1/audio/transcriptions", key: "Bearer key" });
  const boundary = /boundary=(\S+)/.exec(type)?.[1] ?? "none";
  const parts = body.split(`--${boundary}`);
  expect(parts).toHaveLength(5);
  expect(parts[1]).toContain('name="model"\r\n\r\nwhisper-1\r\n');
  expect(parts[3]).toContain('name="file"; filename="recording.ogg"\r\ncontent-type: audio/ogg');
  expect(parts[3]).toContain("OggS sound\r\n--\r\n");
});

test.for([
  [401, "MODEL_KEY_INVALID"],
  [429, "MODEL_RATE_LIMITED"],
  [500, "MODEL_UNAVAILABLE"],
  [400, "MODEL_REQUEST_REJECTED"],
] as const)("an answer %d is %s, without a word of it", async ([status, code]) => {
  const { transcriptions } = await start({ status, body: "secret words" });
  const failure = await transcriptions
    .get("openai:x")
    .transcribe(RECORDING, NEVER)
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code });
  expect(JSON.stringify(failure)).not.toContain("secret words");
});

test("an answer that is none is told apart from silence", async () => {
  const { transcriptions } = await start({ body: "no JSON" });
  await expect(transcriptions.get("openai:x").transcribe(RECORDING, NEVER)).rejects.toMatchObject({
    code: "MODEL_ANSWER_UNUSABLE",
  });
});

test("a server that says nothing is waited for no longer than allowed", async () => {
  const { transcriptions } = await start("hang");
  await expect(transcriptions.get("openai:x").transcribe(RECORDING, NEVER)).rejects.toMatchObject({
    code: "MODEL_TIMEOUT",
  });
});

test("a name that nobody can open says what is possible", async () => {
  const { transcriptions } = await start("hang");
  expect(() => transcriptions.get("deepgram:nova")).toThrow(/openai:whisper-1/);
  expect(() => transcriptions.get("openai-compatible:whisper")).toThrow(
    /OPENAI_COMPATIBLE_BASE_URL/,
  );
});
