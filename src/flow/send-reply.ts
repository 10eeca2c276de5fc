import type { ConversationContext } from "#domain/conversation.ts";
import { AppError, toAppError } from "#domain/errors.ts";
import type { OutboundContent, Recipient, WhatsAppSender } from "#domain/outbound.ts";
import type { TurnSession } from "#mailbox/turn-handler.ts";
import type { Clock } from "#platform/clock.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { WhatsAppClient } from "#providers/whatsapp/whatsapp-client.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import {
  beginReply,
  type BegunReply,
  type OutboundRow,
  type ReadyReply,
  recordSendResult,
} from "#store/replies.ts";
import { composeReply, type ReplyParts } from "./compose-reply.ts";

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

/** Meta's rule: free text only within 24 hours of the person's last message. */
const WINDOW_MS = 24 * 60 * 60 * 1_000;
/** After so many discarded drafts the next one goes out: somebody who never stops writing gets answers too. */
const SUPERSEDE_MAX = 3;

/**
 * Step 3a. Sends the reply, at most once: the intent is stored before WhatsApp is called, in the same
 * transaction that looks a last time whether the reply is still wanted.
 */
export async function sendReply(deps: SendReplyDeps, input: SendReplyInput): Promise<Reply> {
  const { context, session } = input;
  const ageMs = deps.clock.now().getTime() - Date.parse(context.newestMessageAt);
  if (ageMs >= WINDOW_MS)
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
    const whatsappMessageId = row.isOurs
      ? await send(deps, input, { row, sender })
      : row.whatsappMessageId;
    if (whatsappMessageId === null)
      throw new AppError("WHATSAPP_REQUEST_REJECTED", "A part of the reply was refused before");
    const message = { id: row.id, content: row.content, whatsappMessageId };
    sent.push(message);
    // The last one is recorded by the end of the turn.
    if (row.isOurs && row !== rows.at(-1))
      await asTenant(deps.db, input.context.organizationId, (tenant) =>
        recordSendResult(tenant, row.id, { state: "sent", whatsappMessageId }),
      );
  }
  return sent;
}

async function send(
  deps: SendReplyDeps,
  { context, session }: SendReplyInput,
  { row, sender }: { readonly row: OutboundRow; readonly sender: WhatsAppSender },
): Promise<string> {
  session.assertOwned();
  const startedMs = deps.clock.monotonicMs();
  try {
    const { whatsappMessageId } = await deps.whatsApp.sendMessage({
      sender,
      recipient: recipientOf(context),
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
        recordSendResult(
          tenant,
          row.id,
          error.retryable
            ? { state: "pending", errorCode: error.code }
            : { state: "failed", errorCode: error.code, metaErrorCode: metaCodeOf(error) },
        ),
      );
    throw error;
  }
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

function recipientOf(context: ConversationContext): Recipient {
  const { phone, userId } = context.contact;
  if (phone !== null) return { phone };
  if (userId !== null) return { userId };
  throw new AppError(
    "WHATSAPP_RECIPIENT_UNREACHABLE",
    "The contact has neither a phone number nor a user id",
  );
}

function metaCodeOf(error: AppError): number | null {
  const code = error.details["metaCode"];
  return typeof code === "number" ? code : null;
}
