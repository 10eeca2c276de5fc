import type { ConversationContext } from "#domain/conversation.ts";
import { AppError, toAppError } from "#domain/errors.ts";
import type { OutboundContent, WhatsAppSender } from "#domain/outbound.ts";
import { isWindowOpen } from "#flow/handoff/may-write-first.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import type { Clock } from "#platform/clock.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { WhatsAppClient } from "#providers/whatsapp/whatsapp-client.ts";
import { asTenant, type TenantDatabase } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import {
  beginReply,
  type BegunReply,
  type OutboundRow,
  type ReadyReply,
  recordSendResult,
  replaceRefusedContent,
} from "#store/replies.ts";
import { forgetUploadedMedia } from "#store/uploaded-media.ts";
import { composeReply, type ReplyParts } from "./compose-reply.ts";
import { metaCodeOf } from "./meta-code-of.ts";
import { recipientOf } from "./recipient-of.ts";
import { sayInWords } from "./say-in-words.ts";

export type SendReplyDeps = {
  readonly db: AppDatabase;
  readonly whatsApp: Pick<WhatsAppClient, "sendMessage">;
  readonly keyRing: Pick<KeyRing, "open">;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, "messageSent">;
  /** How long an unknown outcome waits for its status webhook before it is sent again. */
  readonly outcomeWaitMs: number;
};

export type SendReplyInput = {
  readonly context: ConversationContext;
  readonly session: TurnSession;
  readonly reply: ReplyParts;
  /** Whether newer messages may discard it. The sentence of a failed turn is `final`. */
  readonly draft: "may be superseded" | "final";
  /** Set: it goes out while a colleague has the conversation, since it tells of that, or of an opt-out. */
  readonly whilePaused?: "sent";
};

/** A message of the reply that WhatsApp has taken. */
export type SentMessage = {
  readonly id: string;
  readonly content: OutboundContent;
  readonly whatsappMessageId: string;
};

/** What became of a reply. */
export type Reply =
  | { readonly kind: "sent"; readonly sent: readonly SentMessage[] }
  /** Newer messages came while the model was thinking. */
  | { readonly kind: "superseded" }
  /** A human has taken over, or the chatbot was switched off. */
  | { readonly kind: "silenced" }
  /** Handed over by an attempt that crashed; its status webhook will tell. */
  | { readonly kind: "waiting"; readonly waitMs: number };

/** After so many discarded drafts the next one goes out: somebody who never stops writing gets answers too. */
const SUPERSEDE_MAX = 3;

/**
 * Step 3a. Sends the reply, at most once: the intent is stored before WhatsApp is called, in the same
 * transaction that looks a last time whether the reply is still wanted.
 */
export async function sendReply(deps: SendReplyDeps, input: SendReplyInput): Promise<Reply> {
  const { context, session } = input;
  if (!isWindowOpen({ ...context, now: deps.clock.now() }))
    throw new AppError(
      "WHATSAPP_WINDOW_CLOSED",
      "The person's last message is older than 24 hours",
    );
  const contents = composeReply(input.reply);
  if (contents.length === 0) throw new AppError("MODEL_ANSWER_UNUSABLE", "The answer is empty");

  const begin = async () =>
    beginReply(deps.db, context.organizationId, {
      owner: session.owner,
      conversationId: context.conversationId,
      contents,
      steps: await session.takeStagedSteps(),
      supersedeMax: input.draft === "final" ? 0 : SUPERSEDE_MAX,
      evenPaused: input.whilePaused === "sent",
      outcomeWaitMs: deps.outcomeWaitMs,
    });

  const begun = await begin();
  if (begun.outcome !== "ready") return toReply(begun);
  const resting = begun.outbound.find((row) => row.state === "sending" && !row.isOurs);
  if (resting !== undefined) return { kind: "waiting", waitMs: resting.waitMs };
  try {
    return { kind: "sent", sent: await handOver(deps, input, begun) };
  } catch (error) {
    return settleUnknown(toAppError(error), begin);
  }
}

/** Hands over what is ours to hand over, one message after the other: WhatsApp keeps no order. */
async function handOver(
  deps: SendReplyDeps,
  input: SendReplyInput,
  begun: ReadyReply,
): Promise<readonly SentMessage[]> {
  const { outbound: rows } = begun;
  const sender = openSender(deps, input.context, begun);
  const sent: SentMessage[] = [];
  for (const row of rows) {
    const message = row.isOurs
      ? await deliver(deps, input, { row, sender })
      : await settled(deps, input, { row, sender });
    if (message === null) continue;
    sent.push(message);
    const { whatsappMessageId } = message;
    // The last one is recorded by the end of the turn.
    if (row.whatsappMessageId === null && row !== rows.at(-1))
      await asTenant(deps.db, input.context.organizationId, (tenant) =>
        recordSendResult(tenant, row.id, { state: "sent", whatsappMessageId }),
      );
  }
  return sent;
}

type Delivery = { readonly row: OutboundRow; readonly sender: WhatsAppSender };

/**
 * A message that an earlier attempt has settled. What was refused for what it offers goes in plain words
 * now: that attempt did not come to it.
 */
async function settled(
  deps: SendReplyDeps,
  input: SendReplyInput,
  delivery: Delivery,
): Promise<SentMessage | null> {
  const { id, content, whatsappMessageId } = delivery.row;
  if (whatsappMessageId !== null) return { id, content, whatsappMessageId };
  if (content.type !== "text") return deliverInWords(deps, input, delivery);
  throw new AppError("WHATSAPP_REQUEST_REJECTED", "A part of the reply was refused before");
}

/** Sends a message. What WhatsApp refuses for what it offers goes in plain words, if it has any. */
async function deliver(
  deps: SendReplyDeps,
  input: SendReplyInput,
  delivery: Delivery,
): Promise<SentMessage | null> {
  const { id, content } = delivery.row;
  try {
    return { id, content, whatsappMessageId: await send(deps, input, delivery) };
  } catch (error) {
    const isRefused = toAppError(error).code === "WHATSAPP_REQUEST_REJECTED";
    if (!isRefused || content.type === "text") throw error;
    return deliverInWords(deps, input, delivery);
  }
}

/** Null for a file without words, which then is left out. */
async function deliverInWords(
  deps: SendReplyDeps,
  input: SendReplyInput,
  { row, sender }: Delivery,
): Promise<SentMessage | null> {
  const body = sayInWords(row.content);
  if (body === null) return null;
  const plain = { ...row, content: { type: "text" as const, body } };
  await asTenant(deps.db, input.context.organizationId, (tenant) =>
    replaceRefusedContent(tenant, row.id, plain.content),
  );
  const whatsappMessageId = await send(deps, input, { row: plain, sender });
  return { id: row.id, content: plain.content, whatsappMessageId };
}

async function send(
  deps: SendReplyDeps,
  { context, session }: SendReplyInput,
  { row, sender }: Delivery,
): Promise<string> {
  session.assertOwned();
  const startedMs = deps.clock.monotonicMs();
  try {
    const { whatsappMessageId } = await deps.whatsApp.sendMessage({
      sender,
      recipient: recipientOf(context.contact),
      content: row.content,
      outboundMessageId: row.id,
      signal: session.signal,
    });
    deps.metrics.messageSent({ outcome: "sent", durationMs: deps.clock.monotonicMs() - startedMs });
    return whatsappMessageId;
  } catch (cause) {
    const error = toAppError(cause);
    deps.metrics.messageSent({
      outcome: error.code,
      durationMs: deps.clock.monotonicMs() - startedMs,
    });
    if (error.code !== "WHATSAPP_OUTCOME_UNKNOWN")
      await asTenant(deps.db, context.organizationId, (tenant) =>
        recordRefusal(tenant, row, error),
      );
    throw error;
  }
}

async function recordRefusal(
  tenant: TenantDatabase,
  { id, content }: OutboundRow,
  error: AppError,
): Promise<void> {
  const errorCode = error.code;
  if (error.retryable) return recordSendResult(tenant, id, { state: "pending", errorCode });
  const metaErrorCode = metaCodeOf(error);
  await recordSendResult(tenant, id, { state: "failed", errorCode, metaErrorCode });
  if (errorCode === "WHATSAPP_REQUEST_REJECTED" && "media" in content && "id" in content.media)
    await forgetUploadedMedia(tenant, content.media.id);
}

/**
 * After an unknown outcome the status webhook may have settled it already: then all is well.
 * Otherwise the turn rests until it does, or until it may be sent again.
 */
async function settleUnknown(error: AppError, look: () => Promise<BegunReply>): Promise<Reply> {
  if (error.code !== "WHATSAPP_OUTCOME_UNKNOWN") throw error;
  const looked = await look();
  if (looked.outcome !== "ready") return toReply(looked);
  const unsettled = looked.outbound.find((row) => row.state !== "sent");
  if (unsettled === undefined)
    return {
      kind: "sent",
      sent: looked.outbound.map(({ id, content, whatsappMessageId }) => ({
        id,
        content,
        whatsappMessageId: whatsappMessageId ?? "",
      })),
    };
  throw new AppError(error.code, error.message, {
    cause: error.cause,
    retryAfterMs: unsettled.waitMs,
  });
}

function toReply(begun: Exclude<BegunReply, { outcome: "ready" }>): Reply {
  if (begun.outcome === "lost")
    throw new AppError("TURN_OWNERSHIP_LOST", "Another worker has taken this turn over");
  return { kind: begun.outcome };
}

function openSender(
  deps: SendReplyDeps,
  { organizationId }: ConversationContext,
  begun: ReadyReply,
): WhatsAppSender {
  return {
    phoneNumberId: begun.phoneNumberId,
    accessToken: deps.keyRing.open(begun.sealedAccessToken, {
      organizationId,
      column: "whatsapp_access_token",
    }),
  };
}
