import { hasChangedNothing } from "#agent/call-tool.ts";
import { toDataBlock } from "#agent/to-data-block.ts";
import type { ConversationContext } from "#domain/conversation.ts";
import type { Turn } from "#domain/turn.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import { listUntoldCalls } from "#store/turns.ts";

/**
 * What the model must know of turns that failed after they had changed something: the customer got the
 * failure sentence only, and asked once more the model would do it again. Chatbots without tools have
 * none, and read nothing.
 */
export async function tellUntoldCalls(
  { db }: { readonly db: AppDatabase },
  { organizationId, chatbot }: Pick<ConversationContext, "organizationId" | "chatbot">,
  { key }: Pick<Turn, "key">,
): Promise<readonly string[]> {
  if (!chatbot.hasTools) return [];
  const calls = await asTenant(db, organizationId, (tenant) => listUntoldCalls(tenant, key));
  const untold = calls.filter((call) => !hasChangedNothing(call));
  if (untold.length === 0) return [];
  return [
    `${NOTE}\n${toDataBlock({ calls: untold.map(({ name, status }) => ({ name, status })) })}`,
  ];
}

const NOTE =
  "[Note for the next messages: Before them an answer of yours failed after these tools had been called, and the customer was not told what came of it. Where the status is not success, it is not certain whether it was done. Tell the customer honestly, and call none of them again for the same thing unless the customer, knowing this, asks you to.]";
