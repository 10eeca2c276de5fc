import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { ExtractionOptions } from "../../src/knowledge/extract/extract-document.ts";
import { buildPdf } from "../fixtures/documents/build-documents.ts";
import {
  codeOf,
  expectDocument,
  extractBytes,
  textOf,
} from "../fixtures/documents/extract-fixture.ts";

const MEBIBYTE = 1024 * 1024;
const TEXT = Buffer.from("Any text will do.");

function withWorker(name: string, limits: ExtractionOptions["limits"] = {}): ExtractionOptions {
  const workerFile = fileURLToPath(
    new URL(`../fixtures/documents/workers/${name}.ts`, import.meta.url),
  );
  return { workerFile, limits };
}

test.each([
  ["hangs", { durationMs: 1500 }, "DOCUMENT_TOO_SLOW"],
  ["fills-buffers", { memoryBytesMax: 256 * MEBIBYTE }, "DOCUMENT_TOO_MUCH_MEMORY"],
  ["fills-heap", { memoryBytesMax: 256 * MEBIBYTE }, "DOCUMENT_TOO_MUCH_MEMORY"],
  ["writes-garbage", {}, "DOCUMENT_READER_FAILED"],
  ["writes-one-long-line", {}, "DOCUMENT_READER_FAILED"],
  ["writes-without-end", {}, "DOCUMENT_TOO_LONG"],
  ["stops-halfway", {}, "DOCUMENT_READER_FAILED"],
])("a process that %s becomes a reason", async (worker, limits, code) => {
  const outcome = await extractBytes(TEXT, withWorker(worker, limits));
  expect(codeOf(outcome)).toBe(code);
  expect(outcome.memoryBytesPeak).toBeLessThan(400 * MEBIBYTE);
});

test("the process sees no setting, no file but its own, no program and no network", async () => {
  const outcome = await extractBytes(TEXT, withWorker("looks-around"));
  expect(textOf(expectDocument(outcome)).split("\n\n")).toEqual([
    // The shell that sets the limits sets PWD, and some others, on its own.
    expect.stringMatching(/^environment: got \{("(PWD|OLDPWD|SHLVL|_)":"[^"]*",?)*\}$/),
    "read a file: refused",
    "read our settings: refused",
    "write a file: refused",
    "start a program: refused",
    "start a thread: refused",
    "open a connection: refused",
    "fetch: refused",
  ]);
});

test("while a long PDF is read, this process goes on with its work", async () => {
  const page = Array.from({ length: 40 }, (_, line) => `Line ${String(line)} of a page.`).join(
    "\n",
  );
  const bytes = buildPdf(Array.from({ length: 700 }, () => page));
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const document = expectDocument(await extractBytes(bytes));
  delay.disable();
  expect(document.pages).toBe(700);
  // Generous for a busy machine: to read it here would hold everything up for seconds.
  expect(delay.max / 1e6).toBeLessThan(500);
}, 120_000);

test("an abort kills the process and rejects with the signal's reason", async () => {
  const controller = new AbortController();
  const reading = extractBytes(TEXT, { ...withWorker("hangs"), signal: controller.signal });
  controller.abort(new Error("the turn was taken over"));
  await expect(reading).rejects.toThrow("taken over");
});
