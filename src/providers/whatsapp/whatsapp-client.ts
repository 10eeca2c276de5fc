import { AppError } from "#domain/errors.ts";
import type { OutboundContent, Recipient, WhatsAppSender } from "#domain/outbound.ts";
import type { Clock } from "#platform/clock.ts";
import {
  NUMBER_HEALTH_FIELDS,
  readNumberHealth,
  readRefusal,
  readSentMessage,
} from "./graph-answers.ts";
import type { GraphAnswer, NumberHealth, SentMessage } from "./graph-answers.ts";
import { createGraphTransport } from "./graph-transport.ts";
import type { GraphExchange, GraphRequest } from "./graph-transport.ts";
import { createSendPacing } from "./send-pacing.ts";
import type { SendRoute } from "./send-pacing.ts";

/** A message to a person. */
export type SendMessageInput = {
  readonly sender: WhatsAppSender;
  readonly recipient: Recipient;
  readonly content: OutboundContent;
  /** Our id of the message; its status webhooks carry it back. */
  readonly outboundMessageId: string;
  /** Meta's id of the message that this one quotes. */
  readonly repliesTo?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** A message of a person that gets a sign of life: blue ticks, or blue ticks and typing. */
export type AcknowledgeInput = {
  readonly sender: WhatsAppSender;
  readonly whatsappMessageId: string;
  readonly signal?: AbortSignal | undefined;
};

/** All that Parley asks of the WhatsApp Business Cloud API. Every failure is an `AppError`. */
export type WhatsAppClient = {
  /**
   * Sends one message. `WHATSAPP_OUTCOME_UNKNOWN` means that it may have been sent; with every
   * other failure it was not.
   */
  readonly sendMessage: (input: SendMessageInput) => Promise<SentMessage>;
  /** Marks the message as read and shows typing for 25 seconds or until the answer comes. */
  readonly showTyping: (input: AcknowledgeInput) => Promise<void>;
  /** Marks the message, and those before it, as read. */
  readonly markRead: (input: AcknowledgeInput) => Promise<void>;
  /** Asks Meta for the state of the sender's number. */
  readonly fetchNumberHealth: (
    sender: WhatsAppSender,
    signal?: AbortSignal,
  ) => Promise<NumberHealth>;
  /** Waits for running calls and closes the connections. */
  readonly close: () => Promise<void>;
};

export type WhatsAppClientOptions = {
  /** Without the version, such as `https://graph.facebook.com`. */
  readonly graphApiBaseUrl: string;
  /** Such as `v26.0`. */
  readonly graphApiVersion: string;
  /** Limit of each call. */
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** From 0 to below 1; `Math.random` when left out. Spreads those who wait for a limit. */
  readonly random?: () => number;
};

/** Creates the client; connections are opened by the first call. */
export function createWhatsAppClient(options: WhatsAppClientOptions): WhatsAppClient {
  const transport = createGraphTransport({
    baseUrl: options.graphApiBaseUrl,
    timeoutMs: options.timeoutMs,
  });
  const pacing = createSendPacing({ clock: options.clock, random: options.random ?? Math.random });

  return {
    async sendMessage(input) {
      const route = {
        phoneNumberId: input.sender.phoneNumberId,
        recipientKey: "phone" in input.recipient ? input.recipient.phone : input.recipient.userId,
      };
      const answer = await call(route, { ...post(input, "messages"), body: buildMessage(input) });
      const sent = readSentMessage(answer);
      if (sent === undefined) {
        throw new AppError("WHATSAPP_OUTCOME_UNKNOWN", "Meta's answer to a message is unreadable", {
          details: { httpStatus: answer.status },
        });
      }
      pacing.succeeded(route);
      return sent;
    },
    showTyping: (input) =>
      acknowledge(input, { ...buildReadMark(input), typing_indicator: { type: "text" } }),
    markRead: (input) => acknowledge(input, buildReadMark(input)),
    async fetchNumberHealth(sender, signal) {
      const path = graphPath(sender, `?fields=${NUMBER_HEALTH_FIELDS}`);
      const request = { method: "GET", path, accessToken: sender.accessToken, signal } as const;
      const health = readNumberHealth(
        await callRepeatable({ phoneNumberId: sender.phoneNumberId }, request),
      );
      if (health === undefined) {
        throw new AppError("WHATSAPP_UNAVAILABLE", "Meta's answer about a number is unreadable");
      }
      return health;
    },
    close: () => transport.close(),
  };

  async function acknowledge(
    input: AcknowledgeInput,
    body: GraphRequest["body"] & {},
  ): Promise<void> {
    await callRepeatable(
      { phoneNumberId: input.sender.phoneNumberId },
      { ...post(input, "messages"), body },
    );
  }

  /** Calls that change nothing when repeated: whether they arrived does not matter. */
  async function callRepeatable(route: SendRoute, request: GraphRequest): Promise<GraphAnswer> {
    try {
      return await call(route, request);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "WHATSAPP_OUTCOME_UNKNOWN") throw error;
      throw new AppError("WHATSAPP_UNAVAILABLE", error.message, {
        cause: error.cause,
        details: error.details,
      });
    }
  }

  /** One call; every outcome but a success is thrown. */
  async function call(route: SendRoute, request: GraphRequest): Promise<GraphAnswer> {
    requireUsableToken(request.accessToken);
    pacing.check(route);
    const answer = requireAnswer(await transport.exchange(request));
    const refusal = readRefusal(answer);
    if (refusal === undefined) return answer;
    if (refusal.pause === undefined) throw refusal.error;
    const pauseMs = pacing.refused(route, refusal.pause);
    throw new AppError(refusal.error.code, refusal.error.message, {
      details: refusal.error.details,
      retryAfterMs: Math.max(pauseMs, refusal.error.retryAfterMs ?? 0),
    });
  }

  function post(input: AcknowledgeInput | SendMessageInput, edge: string) {
    return {
      method: "POST",
      path: graphPath(input.sender, `/${edge}`),
      accessToken: input.sender.accessToken,
      signal: input.signal,
    } as const;
  }

  function graphPath(sender: WhatsAppSender, rest: string): string {
    return `/${options.graphApiVersion}/${encodeURIComponent(sender.phoneNumberId)}${rest}`;
  }
}

function buildMessage(input: SendMessageInput): Readonly<Record<string, unknown>> {
  return {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    ...buildAddress(input.recipient),
    ...(input.repliesTo === undefined ? {} : { context: { message_id: input.repliesTo } }),
    type: input.content.type,
    text: { body: input.content.body },
    biz_opaque_callback_data: input.outboundMessageId,
  };
}

/** Without the plus sign Meta puts the business's own country code before the number. */
function buildAddress(recipient: Recipient): Readonly<Record<string, string>> {
  return "phone" in recipient
    ? { to: `+${recipient.phone.replace(/\D/g, "")}` }
    : { recipient: recipient.userId };
}

function buildReadMark(input: AcknowledgeInput): Readonly<Record<string, unknown>> {
  return { messaging_product: "whatsapp", status: "read", message_id: input.whatsappMessageId };
}

/** A token with other characters cannot stand in a header, and so cannot be one of Meta's. */
function requireUsableToken(accessToken: string): void {
  if (/^[\x21-\x7e]+$/.test(accessToken)) return;
  throw new AppError("WHATSAPP_TOKEN_INVALID", "The access token is empty or has odd characters");
}

function requireAnswer(exchange: GraphExchange): GraphAnswer {
  switch (exchange.kind) {
    case "answered":
      return exchange;
    case "not-sent":
      throw new AppError("WHATSAPP_UNAVAILABLE", "The Graph API cannot be reached", {
        cause: exchange.cause,
      });
    case "broken":
      throw new AppError("WHATSAPP_OUTCOME_UNKNOWN", "The connection to the Graph API broke", {
        cause: exchange.cause,
      });
  }
}
