import type { Chat } from "./chats.ts";
import type { Customer, PhoneNumber } from "./directory.ts";
import type { FaultSettings } from "./faults.ts";
import type { ModelRequest } from "./models/model-request.ts";
import type { ReadMark, SentMessage } from "./outbox.ts";
import type { TypingIndicator } from "./typing.ts";
import type { Delivery } from "./webhook-sender.ts";

/** Everything that happens in the simulator; waits and the page in the browser listen to it. */
export type SimulatorEvent =
  | { readonly type: "chat"; readonly chat: Chat }
  | ({ readonly type: "typing" } & TypingIndicator)
  | { readonly type: "sent"; readonly message: SentMessage }
  | { readonly type: "read"; readonly read: ReadMark }
  | { readonly type: "model-request"; readonly request: ModelRequest }
  | { readonly type: "delivery"; readonly delivery: Delivery }
  | { readonly type: "customer"; readonly customer: Customer }
  | { readonly type: "number"; readonly number: PhoneNumber }
  | { readonly type: "faults"; readonly faults: FaultSettings }
  | { readonly type: "reset" };

/** A tiny synchronous event stream. */
export type Events = {
  readonly emit: (event: SimulatorEvent) => void;
  /** Returns the function that ends the subscription. */
  readonly subscribe: (listener: (event: SimulatorEvent) => void) => () => void;
  /**
   * Resolves with the first answer of `look` that is neither undefined nor false, asked now and
   * after every event; rejects with an Error that carries `what` when `timeoutMs` have passed.
   */
  readonly waitFor: <Found>(
    look: () => Found | undefined | false,
    options: WaitOptions,
  ) => Promise<Found>;
};

/** How long to wait, and the words of the error when it was in vain. */
export type WaitOptions = { readonly timeoutMs: number; readonly what: string };

/** Starts an event stream without listeners. */
export function createEvents(): Events {
  const listeners = new Set<(event: SimulatorEvent) => void>();
  const subscribe: Events["subscribe"] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    subscribe,
    waitFor: (look, options) =>
      new Promise((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined = undefined;
        let unsubscribe = () => {};
        const stop = () => {
          clearTimeout(timer);
          unsubscribe();
        };
        const check = () => {
          try {
            const found = look();
            if (found === undefined || found === false) return;
            stop();
            resolve(found);
          } catch (error) {
            stop();
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        };
        timer = setTimeout(() => {
          stop();
          reject(new Error(`Waited ${options.timeoutMs} ms in vain for ${options.what}.`));
        }, options.timeoutMs);
        unsubscribe = subscribe(check);
        check();
      }),
  };
}
