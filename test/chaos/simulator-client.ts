/** A message as the fake Graph API took it, as far as it matters here. */
export type SentMessage = {
  readonly id: string;
  readonly order: number;
  readonly phoneNumberId: string;
  readonly customerId: string | null;
  readonly text: string;
  readonly callbackData: string | null;
  readonly atMs: number;
};

/** One webhook and how often it was tried. */
export type Delivery = { readonly state: string; readonly attempts: number };

/** What a fake model was asked. */
export type ModelRequest = {
  readonly kind: string;
  readonly texts: readonly string[];
  readonly turns: readonly { readonly role: string }[];
  readonly atMs: number;
};

/** One thing that a customer writes. */
export type CustomerText = {
  readonly phoneNumberId: string;
  readonly customer: string;
  readonly text: string;
  /** To deliver an earlier message again. */
  readonly messageId?: string;
};

/** The control API of a simulator in another process. */
export type SimulatorClient = {
  readonly post: (path: string, body: unknown) => Promise<unknown>;
  /** One webhook with all the texts; resolves with their ids. */
  readonly send: (
    texts: readonly CustomerText[],
    wait: "no" | "acknowledged",
  ) => Promise<readonly string[]>;
  readonly setFaults: (patch: unknown) => Promise<void>;
  readonly clearFaults: () => Promise<void>;
  readonly sent: () => Promise<readonly SentMessage[]>;
  readonly deliveries: () => Promise<readonly Delivery[]>;
  readonly modelRequests: () => Promise<readonly ModelRequest[]>;
};

/** Speaks to the simulator at this address. */
export function createSimulatorClient(url: string): SimulatorClient {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(new URL(path, url), {
      method,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Simulator: ${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
  const log = async <Entry>(name: string): Promise<readonly Entry[]> => {
    const { entries } = (await call("GET", `/sim/${name}`)) as { entries: readonly Entry[] };
    return entries; // the simulator's own types, over the wire
  };
  return {
    post: (path, body) => call("POST", path, body),
    send: async (texts, wait) => {
      const sends = texts.map(({ phoneNumberId, customer, text, messageId }) => ({
        phoneNumberId,
        customer,
        content: { type: "text", text },
        ...(messageId === undefined ? {} : { messageId }),
      }));
      const { messageIds } = (await call("POST", `/sim/send?wait=${wait}`, sends)) as {
        messageIds: readonly string[];
      };
      return messageIds;
    },
    setFaults: async (patch) => void (await call("POST", "/sim/faults", patch)),
    clearFaults: async () => void (await call("DELETE", "/sim/faults")),
    sent: () => log<SentMessage>("sent"),
    deliveries: () => log<Delivery>("deliveries"),
    modelRequests: () => log<ModelRequest>("models"),
  };
}
