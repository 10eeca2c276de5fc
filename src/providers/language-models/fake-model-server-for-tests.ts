import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";

/** One request that the fake has got. */
export type FakeModelRequest = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
};

/** What the fake does with a request: answer, never answer, or break the connection. */
export type FakeModelReply =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown }
  | "hang"
  | "drop";

/**
 * For tests: a model provider on loopback that gives the replies in their order, the last one for
 * all further requests, and remembers what it was asked.
 */
export async function startFakeModelServer(replies: readonly FakeModelReply[]) {
  const requests: FakeModelRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const reply = replies[Math.min(requests.length, replies.length - 1)] ?? "drop";
      const text = Buffer.concat(chunks).toString("utf8");
      const body: unknown = JSON.parse(text);
      requests.push({ path: request.url ?? "", headers: request.headers, body });
      if (reply === "drop") request.socket.destroy();
      if (typeof reply === "string") return;
      response.writeHead(reply.status ?? 200, {
        "content-type": "application/json",
        ...reply.headers,
      });
      response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** An OpenAI Responses API answer in words. */
export function openaiText(text: string, usage = { input_tokens: 11, output_tokens: 7 }) {
  return {
    id: "resp_1",
    created_at: 1_764_000_000,
    model: "gpt-test",
    output: [
      {
        type: "message",
        id: "msg_1",
        role: "assistant",
        content: [{ type: "output_text", text, annotations: [] }],
      },
    ],
    usage,
  };
}

/** An OpenAI Responses API answer that calls one tool. */
export function openaiToolCall(callId: string, name: string, input: unknown) {
  return {
    id: "resp_2",
    created_at: 1_764_000_000,
    model: "gpt-test",
    output: [
      {
        type: "function_call",
        id: `fc_${callId}`,
        call_id: callId,
        name,
        arguments: JSON.stringify(input),
      },
    ],
    usage: { input_tokens: 20, output_tokens: 5 },
  };
}

/** A Gemini `generateContent` answer in words. */
export function googleText(text: string) {
  return {
    candidates: [{ content: { role: "model", parts: [{ text }] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 },
  };
}

/** An Anthropic Messages API answer in words. */
export function anthropicText(text: string) {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-test",
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    usage: { input_tokens: 11, output_tokens: 7 },
  };
}

/** A `/chat/completions` answer in words. */
export function chatCompletionText(text: string) {
  return {
    id: "chatcmpl_1",
    created: 1_764_000_000,
    model: "llama-test",
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  };
}
