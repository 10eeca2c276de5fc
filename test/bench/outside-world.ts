/**
 * A process of the bench: Meta, a model provider and all the people, as cheap as they can be. It is a
 * process of its own so that its CPU is not counted as anybody else's.
 */
import { startFakeApis } from "./fake-apis.ts";
import { type Answer, Command, type LoadReport } from "./outside-world-protocol.ts";
import { percentiles } from "./statistics.ts";
import { type PreparedWebhook, prepareWebhook, sendWebhooks } from "./webhook-load.ts";

/** The load under way, or the last one. */
type Load = {
  readonly url: URL;
  readonly webhooks: readonly PreparedWebhook[];
  readonly dueMs: Map<string, number>;
  readonly acceptMs: number[];
  readonly replyMs: Map<string, number>;
  startMs: number;
  refused: number;
  acceptedAfterMs: number;
  repliedAfterMs: number;
  modelCalls: number;
  onReplied: (() => void) | undefined;
};

let messages = 0;
let load = prepare({
  kind: "prepare",
  count: 0,
  url: "http://none",
  phoneNumberIds: [],
  appSecret: "",
});

const url = await startFakeApis({
  onModelCall: () => {
    load.modelCalls += 1;
  },
  onReply: (phone) => {
    const dueMs = load.dueMs.get(phone);
    if (dueMs === undefined || load.replyMs.has(phone)) return;
    const nowMs = performance.now();
    load.replyMs.set(phone, nowMs - dueMs);
    load.repliedAfterMs = nowMs - load.startMs;
    if (load.replyMs.size === load.webhooks.length) load.onReplied?.();
  },
});

process.on("message", (message) => void obey(Command.parse(message)));
process.on("disconnect", () => process.exit());
say({ kind: "ready", url });

async function obey(command: Command): Promise<void> {
  switch (command.kind) {
    case "prepare":
      load = prepare(command);
      break;
    case "send":
      load.startMs = performance.now();
      await sendWebhooks({ ...load, pace: command.pace }, { onDue, onAnswer });
      break;
    case "await replies":
      await untilReplied(command.timeoutMs);
      break;
  }
  say({ kind: "done", report: report(load) });
}

function prepare(command: Extract<Command, { kind: "prepare" }>): Load {
  const webhookUrl = new URL(command.url);
  const webhooks = Array.from({ length: command.count }, (_, index) => {
    messages += 1;
    const phoneNumberId = command.phoneNumberIds[index % command.phoneNumberIds.length] ?? "";
    const { appSecret } = command;
    return prepareWebhook({
      url: webhookUrl,
      phoneNumberId,
      appSecret,
      person: index,
      wamid: `wamid.bench.in.${process.pid}.${messages}`,
    });
  });
  return {
    url: webhookUrl,
    webhooks,
    dueMs: new Map(),
    acceptMs: [],
    replyMs: new Map(),
    startMs: 0,
    refused: 0,
    acceptedAfterMs: 0,
    repliedAfterMs: 0,
    modelCalls: 0,
    onReplied: undefined,
  };
}

function onDue(webhook: PreparedWebhook, atMs: number): void {
  load.dueMs.set(webhook.phone, atMs);
}

function onAnswer(webhook: PreparedWebhook, isAccepted: boolean): void {
  const nowMs = performance.now();
  load.acceptedAfterMs = nowMs - load.startMs;
  if (isAccepted) load.acceptMs.push(nowMs - (load.dueMs.get(webhook.phone) ?? nowMs));
  else load.refused += 1;
}

async function untilReplied(timeoutMs: number): Promise<void> {
  if (load.replyMs.size === load.webhooks.length) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  load.onReplied = resolve;
  const timer = setTimeout(resolve, timeoutMs);
  await promise;
  clearTimeout(timer);
}

function report(of: Load): LoadReport {
  return {
    accepted: of.acceptMs.length,
    refused: of.refused,
    acceptMs: percentiles(of.acceptMs),
    acceptedAfterMs: of.acceptedAfterMs,
    replies: of.replyMs.size,
    replyMs: percentiles([...of.replyMs.values()]),
    repliedAfterMs: of.repliedAfterMs,
    modelCalls: of.modelCalls,
  };
}

function say(answer: Answer): void {
  process.send?.(answer);
}
