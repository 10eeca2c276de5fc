import { AppError, toAppError } from "#domain/errors.ts";
import {
  type ConversationId,
  type OrganizationId,
  OutboundMessageId,
  TurnId,
} from "#domain/ids.ts";
import type { OutboundContent } from "#domain/outbound.ts";
import { mayWriteFirst } from "#flow/handoff/may-write-first.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { WhatsAppClient } from "#providers/whatsapp/whatsapp-client.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import {
  findProactiveTarget,
  insertProactiveMessage,
  type ProactiveTarget,
  settleProactiveMessage,
} from "#store/proactive-messages.ts";
import { recordSendResult, type SendResult } from "#store/replies.ts";
import { describeSent } from "./describe-sent.ts";
import { metaCodeOf } from "./meta-code-of.ts";
import { recipientOf } from "./recipient-of.ts";

export type SendTemplateDeps = {
  readonly db: AppDatabase;
  readonly whatsApp: Pick<WhatsAppClient, "sendMessage">;
  readonly keyRing: Pick<KeyRing, "open">;
  readonly newId: () => string;
};

/** A template, to the person of a conversation. */
export type SendTemplateInput = {
  readonly organizationId: OrganizationId;
  readonly conversationId: ConversationId;
  readonly template: Omit<Extract<OutboundContent, { type: "template" }>, "type">;
  /** What it says, for the history; null: its name and parameters stand for it. */
  readonly text: string | null;
  readonly signal?: AbortSignal;
};

/** A template that WhatsApp has taken. */
export type SentTemplate = { readonly outboundMessageId: OutboundMessageId };

/**
 * Sends a message that the person did not ask for: a template, the only kind that Meta takes at any
 * time. Never to somebody who has opted out. Sent once: an unknown outcome is not repeated, its status
 * webhook settles it, and the history keeps the message so that models know of it.
 * @throws AppError NOT_FOUND, CONFLICT, CONTACT_OPTED_OUT, or a WHATSAPP_ code.
 */
export async function sendTemplate(
  deps: SendTemplateDeps,
  input: SendTemplateInput,
): Promise<SentTemplate> {
  const id = OutboundMessageId.parse(deps.newId());
  const turnId = TurnId.parse(deps.newId());
  const content: OutboundContent = { type: "template", ...input.template };
  const target = await asTenant(deps.db, input.organizationId, async (tenant) => {
    const found = requireTarget(await findProactiveTarget(tenant, input.conversationId));
    await insertProactiveMessage(tenant, input.organizationId, {
      id,
      turnId,
      chatbotId: found.chatbotId,
      conversationId: input.conversationId,
      content,
      history: describe(content, input.text),
    });
    return found;
  });
  await handOver(deps, { ...input, id, turnId, content, target });
  return { outboundMessageId: id };
}

function requireTarget(target: ProactiveTarget | null): ProactiveTarget {
  if (target === null) throw new AppError("NOT_FOUND", "There is no such conversation.");
  if (target.isMerged)
    throw new AppError("CONFLICT", "This conversation was merged into another one; write there.");
  if (!target.isActive) throw new AppError("CONFLICT", "The chatbot is switched off.");
  if (mayWriteFirst(target, null) === "opted out")
    throw new AppError(
      "CONTACT_OPTED_OUT",
      "The person does not want messages they did not ask for.",
    );
  return target;
}

function describe(content: OutboundContent, text: string | null) {
  const described = describeSent(content);
  return text === null ? described : { ...described, content: text };
}

async function handOver(
  deps: SendTemplateDeps,
  message: SendTemplateInput & {
    readonly id: OutboundMessageId;
    readonly turnId: TurnId;
    readonly content: OutboundContent;
    readonly target: ProactiveTarget;
  },
): Promise<void> {
  const { organizationId, conversationId, id, turnId, content, target } = message;
  const settle = (result: SendResult) =>
    asTenant(deps.db, organizationId, async (tenant) => {
      const whatsappMessageId = result.state === "sent" ? result.whatsappMessageId : null;
      await recordSendResult(tenant, id, result);
      await settleProactiveMessage(tenant, { conversationId, turnId }, whatsappMessageId);
    });
  const column = "whatsapp_access_token";
  const accessToken = deps.keyRing.open(target.sealedAccessToken, { organizationId, column });
  const sent = await deps.whatsApp
    .sendMessage({
      sender: { phoneNumberId: target.phoneNumberId, accessToken },
      recipient: recipientOf(target),
      content,
      outboundMessageId: id,
      signal: message.signal,
    })
    .catch(async (cause: unknown) => {
      const error = toAppError(cause);
      const metaErrorCode = metaCodeOf(error);
      if (error.code !== "WHATSAPP_OUTCOME_UNKNOWN")
        await settle({ state: "failed", errorCode: error.code, metaErrorCode });
      throw error;
    });
  await settle({ state: "sent", whatsappMessageId: sent.whatsappMessageId });
}
