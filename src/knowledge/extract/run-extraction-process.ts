import { spawn, type ChildProcessByStdio } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { constants, setPriority } from "node:os";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { AppError } from "#domain/errors.ts";
import { documentError } from "./document-error.ts";
import type { ExtractionLimits } from "./extraction-limits.ts";
import type { ExtractedDocument } from "./extractor.ts";
import { createMessageReader, type MessageReader } from "./read-extraction-messages.ts";

/** How a process that reads a document is started. */
export type ExtractionProcess = {
  /** The program that runs in it. */
  readonly workerFile: string;
  /** Request and document, one after the other. */
  readonly input: readonly Uint8Array[];
  readonly limits: ExtractionLimits;
  readonly signal: AbortSignal | undefined;
};

/** What came of the process. */
export type ProcessResult = {
  readonly outcome: { readonly type: string; readonly document: ExtractedDocument } | AppError;
  /** The most resident memory seen, 0 where the system does not tell. */
  readonly memoryBytesPeak: number;
};

type Child = ChildProcessByStdio<Writable, Readable, null>;
type End = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

const PROJECT_FOLDER = fileURLToPath(new URL("../../..", import.meta.url));
const PACKAGES_FOLDER = findPackages();
const HERE = fileURLToPath(new URL(".", import.meta.url));
const MEBIBYTE = 1024 * 1024;
/** Of the memory, for what is no JavaScript object: Node itself, its code, buffers. */
const OUTSIDE_HEAP_BYTES = 128 * MEBIBYTE;
const MEMORY_LOOK_MS = 50; // inflating fills some 20 MB in this time
const PAGE_BYTES = 4096;
/** Documents wait for conversations, not the other way round. */
const PRIORITY = constants.priority.PRIORITY_BELOW_NORMAL;
/** If memory runs out altogether, the kernel ends this process before any other. */
const OUT_OF_MEMORY_SCORE = "1000";
const INTERRUPTS: readonly (NodeJS.Signals | null)[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs one document's process to its end and never throws for what the document does to it. Throws
 * INTERNAL if the process cannot be started or is interrupted together with this one, and the
 * signal's reason if it is aborted.
 */
export async function runExtractionProcess(run: ExtractionProcess): Promise<ProcessResult> {
  run.signal?.throwIfAborted();
  const child = start(run);
  const ended = waitForEnd(child);
  const reader = createMessageReader(run.limits);
  const stop = createStop(child);
  const watch = watchMemory(child, run.limits.memoryBytesMax, stop.because);
  const timer = setTimeout(() => stop.because("DOCUMENT_TOO_SLOW"), run.limits.durationMs);
  const onAbort = (): void => void child.kill("SIGKILL");
  run.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    feed(child, run.input);
    await readOutput(child, reader, stop);
    const end = await ended;
    run.signal?.throwIfAborted();
    return { outcome: explainEnd(end, reader, stop.reason()), memoryBytesPeak: watch.peak() };
  } finally {
    clearTimeout(timer);
    watch.close();
    run.signal?.removeEventListener("abort", onAbort);
    child.kill("SIGKILL");
  }
}

/**
 * Through a shell, for limits that the kernel keeps even when this process is gone: seconds of
 * processor time, no file written, no memory image of the document left on the disk.
 */
function start(run: ExtractionProcess): Child {
  const seconds = Math.ceil(run.limits.durationMs / 1000) + 1;
  const heapBytes = Math.max(run.limits.memoryBytesMax - OUTSIDE_HEAP_BYTES, 32 * MEBIBYTE);
  const limits = `ulimit -c 0; ulimit -f 0; ulimit -t ${String(seconds)}; exec "$0" "$@"`;
  const own = ["package.json", "src/domain"].map((path) => PROJECT_FOLDER + path);
  const child = spawn(
    "/bin/sh",
    [
      "-c",
      limits,
      process.execPath,
      "--permission",
      ...[...own, PACKAGES_FOLDER, HERE, run.workerFile].map((path) => `--allow-fs-read=${path}`),
      `--max-old-space-size=${String(Math.floor(heapBytes / MEBIBYTE))}`,
      "--no-warnings",
      run.workerFile,
    ],
    { env: {}, cwd: HERE, stdio: ["pipe", "pipe", "ignore"], windowsHide: true },
  );
  child.stdin.on("error", () => undefined); // it died before it read everything; its end says why
  child.once("spawn", () => yieldToOthers(child));
  return child;
}

/** Wherever npm put them: beside this project, or further up. */
function findPackages(): string {
  const place = createRequire(import.meta.url).resolve("unpdf");
  return place.slice(0, place.lastIndexOf("/node_modules/") + "/node_modules/".length);
}

function yieldToOthers(child: Child): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    setPriority(pid, PRIORITY);
  } catch {
    return; // ended already
  }
  writeFile(`/proc/${String(pid)}/oom_score_adj`, OUT_OF_MEMORY_SCORE).catch(() => undefined);
}

function feed(child: Child, input: readonly Uint8Array[]): void {
  for (const part of input) child.stdin.write(part);
  child.stdin.end();
}

async function readOutput(child: Child, reader: MessageReader, stop: Stop): Promise<void> {
  child.stdout.on("data", (chunk: Buffer) => {
    try {
      if (stop.reason() === null) reader.read(chunk);
    } catch (error) {
      stop.with(error instanceof AppError ? error : documentError("DOCUMENT_READER_FAILED"));
    }
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  child.stdout.once("close", resolve);
  await promise;
}

function waitForEnd(child: Child): Promise<End> {
  const { promise, resolve, reject } = Promise.withResolvers<End>();
  child.once("error", (cause) => {
    reject(new AppError("INTERNAL", "The process for documents cannot be started", { cause }));
  });
  child.once("close", (code, signal) => resolve({ code, signal }));
  promise.catch(() => undefined); // it is awaited after the output
  return promise;
}

type Stop = {
  readonly because: (code: "DOCUMENT_TOO_SLOW" | "DOCUMENT_TOO_MUCH_MEMORY") => void;
  readonly with: (error: AppError) => void;
  /** Why the process was stopped; null if it was not. */
  readonly reason: () => AppError | null;
};

function createStop(child: Child): Stop {
  let reason: AppError | null = null;
  const stopWith = (error: AppError): void => {
    reason ??= error;
    child.kill("SIGKILL");
  };
  return {
    because: (code) => stopWith(documentError(code)),
    with: stopWith,
    reason: () => reason,
  };
}

/** Only Linux tells cheaply what a process holds; elsewhere the limit of the heap must do. */
function watchMemory(
  child: Child,
  bytesMax: number,
  stop: Stop["because"],
): { readonly peak: () => number; readonly close: () => void } {
  let peak = 0;
  const look = async (): Promise<void> => {
    const statm = await readFile(`/proc/${String(child.pid)}/statm`, "utf8").catch(() => "");
    const bytes = Number(statm.split(" ")[1] ?? 0) * PAGE_BYTES;
    peak = Math.max(peak, bytes);
    if (bytes > bytesMax) stop("DOCUMENT_TOO_MUCH_MEMORY");
  };
  const timer = setInterval(() => void look(), MEMORY_LOOK_MS);
  return { peak: () => peak, close: () => clearInterval(timer) };
}

function explainEnd(
  end: End,
  reader: MessageReader,
  reason: AppError | null,
): ProcessResult["outcome"] {
  if (reason !== null) return reason;
  const result = reader.result();
  if (result !== null) return result;
  if (INTERRUPTS.includes(end.signal)) {
    throw new AppError("INTERNAL", "The process for documents was interrupted");
  }
  if (end.signal === "SIGXCPU") return documentError("DOCUMENT_TOO_SLOW");
  // V8 aborts when its heap is full; the kernel kills when the machine's memory is.
  const isMemory = end.signal === "SIGABRT" || end.signal === "SIGKILL" || end.signal === "SIGTRAP";
  return documentError(isMemory ? "DOCUMENT_TOO_MUCH_MEMORY" : "DOCUMENT_READER_FAILED", {
    details: { exitCode: end.code ?? -1, exitSignal: end.signal ?? "none" },
  });
}
