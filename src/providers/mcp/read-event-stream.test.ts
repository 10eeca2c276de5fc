import fc from "fast-check";
import { expect, test } from "vitest";
import { readEventStream } from "./read-event-stream.ts";

const LIMIT = { sizeCharactersMax: 1_000, tooLarge: () => new Error("too large") };

async function read(bytes: Uint8Array, chunkBytes = 7): Promise<unknown[]> {
  const events: unknown[] = [];
  for await (const event of readEventStream(cut(bytes, chunkBytes), LIMIT)) events.push(event);
  return events;
}

async function* cut(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

const encode = (text: string) => new TextEncoder().encode(text);

test("fields, comments, names and several data lines are read as the standard says", async () => {
  const text =
    "\uFEFF: hello\r\n\r\nevent: endpoint\r\ndata: /message\r\n\r\ndata:one\ndata: two\nid: 7\n\nretry\r\rdata\n\n";

  expect(await read(encode(text))).toEqual([
    { event: "endpoint", data: "/message" },
    { event: "message", data: "one\ntwo" },
    { event: "message", data: "" },
  ]);
});

test("an event that the stream's end cuts off is no event", async () => {
  expect(await read(encode("data: whole\n\ndata: half\n"))).toEqual([
    { event: "message", data: "whole" },
  ]);
});

test.for([
  ["one endless line", "x".repeat(2_000)],
  ["endless lines", "data: xxxxxxxxxxxx\n".repeat(200)],
] as const)("%s without an end of the event is given up", async ([, text]) => {
  await expect(read(encode(text))).rejects.toThrow("too large");
});

test("many small events are no large event", async () => {
  expect(await read(encode("data: 1\n\n".repeat(1_000)))).toHaveLength(1_000);
});

test("the events are the same, however the network cuts the bytes and whichever line ends a server uses", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !/[\r\n]/.test(text)),
      ),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.integer({ min: 1, max: 9 }),
      async (texts, end, chunkBytes) => {
        const bytes = encode(texts.map((text) => `data: ${text}${end}${end}`).join("") + `:${end}`);

        expect(await read(bytes, chunkBytes)).toEqual(
          texts.map((text) => ({ event: "message", data: text })),
        );
      },
    ),
  );
});
