import { sql } from "kysely";
import { z } from "zod";
import { type ConversationId, IntegrationId, type TurnId } from "#domain/ids.ts";
import type { TenantDatabase } from "./as-tenant.ts";

/** A customer's answer to the question whether a tool may be called. */
export type ConfirmationAnswer = {
  /** The turn that asked. */
  readonly id: string;
  readonly conversationId: ConversationId;
  /** The turn that answers. */
  readonly turnId: TurnId;
  readonly answer: "yes" | "no";
};

const Answered = z.object({
  toolName: z.string(),
  toolCallId: z.string(),
  integrationId: IntegrationId,
  sealedArguments: z.string(),
  state: z.enum(["confirmed", "cancelled"]),
});
/** The call that was asked about. */
export type AnsweredConfirmation = z.infer<typeof Answered>;

/**
 * Takes a customer's answer, once: of the turns that bring one, the first gets the call, each time it
 * asks. Null: there is no such question in this conversation, or it is answered, replaced or too old.
 */
export async function answerConfirmation(
  tenant: TenantDatabase,
  { id, conversationId, turnId, answer }: ConfirmationAnswer,
): Promise<AnsweredConfirmation | null> {
  const state = answer === "yes" ? "confirmed" : "cancelled";
  const { rows } = await sql<{ confirmation: unknown }>`
    update tool_confirmations set answered_turn_id = ${turnId}::uuid,
      state = case state when 'pending' then ${state} else state end
    where id = ${id}::uuid and conversation_id = ${conversationId}::uuid
      and (state = 'pending' and expires_at > now() or answered_turn_id = ${turnId}::uuid)
    returning jsonb_build_object('toolName', tool_name, 'toolCallId', tool_call_id,
      'integrationId', integration_id, 'sealedArguments', arguments, 'state', state) as confirmation`.execute(
    tenant,
  );
  return rows[0] === undefined ? null : Answered.parse(rows[0].confirmation);
}
