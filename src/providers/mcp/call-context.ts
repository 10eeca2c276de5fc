import { AsyncLocalStorage } from "node:async_hooks";
import type { JSONRPCMessage } from "@ai-sdk/mcp";
import type { JsonObject } from "#domain/webhook-event.ts";

/** What the server adds to one tool call. No model can see or change it. */
export type CallContext = {
  /** Keys of the call's `_meta`. */
  readonly meta: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
};

// The vendor's client passes neither on, so they take this way from the call to the transport.
const context = new AsyncLocalStorage<CallContext>();

/** Makes a call of the vendor's client in this context. */
export function inCallContext<Result>(
  call: CallContext,
  work: () => Promise<Result>,
): Promise<Result> {
  return context.run(call, work);
}

/** The context of the tool call that is being sent. */
export const currentCall = (): CallContext | undefined => context.getStore();

/** The message with what its context adds. */
export function addMeta(message: JSONRPCMessage): JSONRPCMessage {
  const call = currentCall();
  if (call === undefined || !("method" in message) || message.method !== "tools/call")
    return message;
  const { params } = message;
  return { ...message, params: { ...params, _meta: { ...params?._meta, ...call.meta } } };
}
