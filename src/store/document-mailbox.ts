import { sql } from "kysely";
import type { ChatbotId, OrganizationId } from "#domain/ids.ts";
import {
  type DocumentTask,
  documentMailbox,
  type SourceId,
  sweepMailbox,
} from "#domain/knowledge.ts";
import type { TenantDatabase } from "./as-tenant.ts";
import type { AppDatabase } from "./database.ts";
import { postToMailbox } from "./mailboxes.ts";

/** Asks something of a document, in the transaction that stores what it is about. */
export async function postDocumentTask(
  tenant: TenantDatabase,
  document: { readonly organizationId: OrganizationId; readonly id: SourceId },
  task: DocumentTask,
): Promise<void> {
  await postToMailbox(tenant, {
    key: documentMailbox(document.id),
    organizationId: document.organizationId,
    handler: "document",
    coalesces: true,
    payload: task,
    waitMs: 0,
  });
}

/** Asks to tidy up behind a chatbot's documents. */
export async function postSweep(
  tenant: TenantDatabase,
  chatbot: { readonly organizationId: OrganizationId; readonly chatbotId: ChatbotId },
  obsoleteFile: string | null,
): Promise<void> {
  await postToMailbox(tenant, {
    key: sweepMailbox(chatbot.chatbotId),
    organizationId: chatbot.organizationId,
    handler: "knowledge-sweep",
    coalesces: true,
    payload: { obsoleteFile },
    waitMs: 0,
  });
}

/** Posts documents that are due for another look, a bounded number; returns how many. */
export async function postDueSyncs(db: AppDatabase, limit: number): Promise<number> {
  const { rows } = await sql<{ posted: number }>`select post_due_syncs(${limit}) as posted`.execute(
    db,
  );
  return rows[0]?.posted ?? 0;
}
