import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** Told of every call, so that the load knows when it was answered. */
export type ApiEvents = {
  readonly onModelCall: () => void;
  /** A message to a person; the phone is without its plus sign. */
  readonly onReply: (phone: string) => void;
};

const MODEL_ANSWER = Buffer.from(
  JSON.stringify({
    id: "resp_bench",
    object: "response",
    created_at: 1_700_000_000,
    status: "completed",
    model: "bench",
    output: [
      {
        type: "message",
        id: "msg_bench",
        role: "assistant",
        status: "completed",
        content: [
          {
            type: "output_text",
            text: "Yes, we have a table for four on Friday. Shall I book it for **19:30**?",
            annotations: [],
          },
        ],
      },
    ],
    usage: {
      input_tokens: 210,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 21,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 231,
    },
  }),
);

/** OpenAI's Responses API and Meta's Graph API, which answer at once. Resolves to their address. */
export async function startFakeApis(events: ApiEvents): Promise<string> {
  let sent = 0;
  const server = createServer((request, response) => {
    readBody(request, (body) => {
      if (request.url === "/openai/v1/responses") {
        events.onModelCall();
        respond(MODEL_ANSWER);
        return;
      }
      const phone = /"to":"\+?(\d+)"/.exec(body)?.[1];
      if (phone === undefined) {
        respond(Buffer.from('{"success":true}')); // a read mark with typing
        return;
      }
      sent += 1;
      events.onReply(phone);
      respond(
        Buffer.from(
          `{"messaging_product":"whatsapp","contacts":[{"input":"+${phone}","wa_id":"${phone}"}],"messages":[{"id":"wamid.bench.out.${process.pid}.${sent}"}]}`,
        ),
      );
    });

    function respond(answer: Buffer): void {
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": answer.length,
      });
      response.end(answer);
    }
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function readBody(request: IncomingMessage, done: (body: string) => void): void {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => {
    body += chunk;
  });
  request.on("end", () => done(body));
}
