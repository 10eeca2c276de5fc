import type { OutboundContent, Recipient, WhatsAppSender } from "#domain/outbound.ts";
import type { Clock } from "#platform/clock.ts";
import { buildPayload } from "./build-payload.ts";
import { NUMBER_HEALTH_FIELDS, readNumberHealth, readSentMessage } from "./graph-answers.ts";
import type { NumberHealth, SentMessage } from "./graph-answers.ts";
import { createGraphApi } from "./graph-api.ts";
import type { GraphCall } from "./graph-api.ts";
import { createMediaDownload, type MediaDownload } from "./media-download.ts";
import { buildUploadCall } from "./upload-media.ts";
import type { UploadedMedia, UploadMediaInput } from "./upload-media.ts";

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
  /** Uploads a file, to be sent from the sender's number within 30 days. */
  readonly uploadMedia: (input: UploadMediaInput) => Promise<UploadedMedia>;
  /** Asks Meta for the state of the sender's number. */
  readonly fetchNumberHealth: (
    sender: WhatsAppSender,
    signal?: AbortSignal,
  ) => Promise<NumberHealth>;
  /** Fetches a file that a customer sent. Why there is none is a value. */
  readonly fetchMedia: MediaDownload["fetch"];
  /** Waits for running calls and closes the connections. */
  readonly close: () => Promise<void>;
};

/** Where the Graph API is and how long it may take. */
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
  const version = options.graphApiVersion;
  const graphApi = createGraphApi({
    baseUrl: options.graphApiBaseUrl,
    timeoutMs: options.timeoutMs,
    clock: options.clock,
    random: options.random ?? Math.random,
  });
  const mediaDownload = createMediaDownload(graphApi, options);

  return {
    sendMessage: (input) => graphApi.send(buildSendCall(version, input)),
    async showTyping(input) {
      await graphApi.ask(buildReadCall(version, input, { typing_indicator: { type: "text" } }));
    },
    async markRead(input) {
      await graphApi.ask(buildReadCall(version, input, {}));
    },
    uploadMedia: async (input) => graphApi.ask(await buildUploadCall(version, input)),
    fetchNumberHealth: (sender, signal) =>
      graphApi.ask({
        request: {
          method: "GET",
          path: `${nodePath(version, sender)}?fields=${NUMBER_HEALTH_FIELDS}`,
          accessToken: sender.accessToken,
          signal,
        },
        route: { phoneNumberId: sender.phoneNumberId },
        read: readNumberHealth,
      }),
    fetchMedia: mediaDownload.fetch,
    close: async () => {
      await Promise.all([graphApi.close(), mediaDownload.close()]);
    },
  };
}

function buildSendCall(version: string, input: SendMessageInput): GraphCall<SentMessage> {
  const { sender, recipient, signal } = input;
  return {
    request: {
      method: "POST",
      path: `${nodePath(version, sender)}/messages`,
      accessToken: sender.accessToken,
      body: buildMessage(input),
      signal,
    },
    route: {
      phoneNumberId: sender.phoneNumberId,
      recipientKey: "phone" in recipient ? recipient.phone : recipient.userId,
    },
    read: readSentMessage,
  };
}

function buildReadCall(
  version: string,
  { sender, whatsappMessageId, signal }: AcknowledgeInput,
  extra: Readonly<Record<string, unknown>>,
): GraphCall<true> {
  return {
    request: {
      method: "POST",
      path: `${nodePath(version, sender)}/messages`,
      accessToken: sender.accessToken,
      body: {
        messaging_product: "whatsapp",
        status: "read",
        message_id: whatsappMessageId,
        ...extra,
      },
      signal,
    },
    route: { phoneNumberId: sender.phoneNumberId },
    read: () => true,
  };
}

function nodePath(version: string, sender: WhatsAppSender): string {
  return `/${version}/${encodeURIComponent(sender.phoneNumberId)}`;
}

function buildMessage(input: SendMessageInput): Readonly<Record<string, unknown>> {
  return {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    ...buildAddress(input.recipient),
    ...(input.repliesTo === undefined ? {} : { context: { message_id: input.repliesTo } }),
    ...buildPayload(input.content),
    biz_opaque_callback_data: input.outboundMessageId,
  };
}

/** Without the plus sign Meta puts the business's own country code before the number. */
function buildAddress(recipient: Recipient): Readonly<Record<string, string>> {
  return "phone" in recipient
    ? { to: `+${recipient.phone.replace(/\D/g, "")}` }
    : { recipient: recipient.userId };
}
