import { sql } from "kysely";
import { z } from "zod";
import { ChatbotId, OrganizationId } from "#domain/ids.ts";
import { ReplyShapes, type ReplyShapeName } from "#domain/reply-addition.ts";
import type { SystemDatabase, TenantDatabase } from "./as-tenant.ts";

/** A chatbot as operators see it, without its secrets. */
const ChatbotRow = z.object({
  id: ChatbotId,
  organizationId: OrganizationId,
  organization: z.string(),
  name: z.string(),
  phoneNumberId: z.string(),
  model: z.string(),
  fallbackModel: z.string().nullable(),
  systemPrompt: z.string(),
  /** Null: Parley's own sentence, in the customer's language. */
  failureMessage: z.string().nullable(),
  /** Number of the published version of its instructions. */
  promptVersion: z.number(),
  replyDelayMs: z.number(),
  historyTokenBudget: z.number(),
  retrieval: z.enum(["tool", "always"]),
  passagesMax: z.number(),
  /** Null: what goes with the embedding model. */
  similarityThreshold: z.number().nullable(),
  /** Null: none. */
  rerankingModel: z.string().nullable(),
  shapes: ReplyShapes,
  /** Whether the bot hands over to colleagues by itself. */
  handoff: z.enum(["on", "off"]),
  handoffTimeoutMinutes: z.number(),
  handoffKeywords: z.array(z.string()),
  /** Null: that of the settings. */
  transcriptionModel: z.string().nullable(),
  images: z.enum(["auto", "yes", "no"]).catch("auto"),
  /** Null: it has learned nothing yet. */
  embeddingModel: z.string().nullable(),
  /** US dollars that the model calls of one turn may cost; null: no ceiling. */
  turnSpendCeilingUsd: z.number().nullable(),
  /** US dollars that a billing period may cost; null: no ceiling. */
  monthlySpendCeilingUsd: z.number().nullable(),
  /** US dollars of this billing period, as far as prices are known. */
  spentUsd: z.number(),
  /** Rows of the usage of this period without a known price. */
  unpricedRows: z.number(),
  hasAppSecret: z.boolean(),
  isActive: z.boolean(),
  disabledReason: z.string().nullable(),
  conversations: z.number(),
  createdAt: z.string(),
});
/** One chatbot. */
export type ChatbotRow = z.infer<typeof ChatbotRow>;

/** Chatbots of all organizations, or of one, or those of this id, name or phone number id. */
export async function listChatbots(
  system: SystemDatabase,
  filter: { readonly organizationId?: OrganizationId; readonly reference?: string } = {},
): Promise<readonly ChatbotRow[]> {
  const { organizationId = null, reference = null } = filter;
  const { rows } = await sql<{ chatbot: unknown }>`
    select jsonb_build_object('id', b.id, 'organizationId', o.id, 'organization', o.name, 'name', b.name,
      'phoneNumberId', b.whatsapp_phone_number_id, 'model', b.model, 'fallbackModel', b.fallback_model,
      'systemPrompt', b.system_prompt, 'promptVersion', (
        select number from prompt_versions where id = b.published_prompt_id), 'failureMessage', b.failure_message,
      'replyDelayMs', b.reply_delay_ms, 'historyTokenBudget', b.history_token_budget,
      'retrieval', case when b.settings ->> 'retrieval' = 'always' then 'always' else 'tool' end,
      'passagesMax', b.passages_max, 'similarityThreshold', b.similarity_threshold,
      'rerankingModel', b.settings ->> 'rerankingModel', 'shapes', b.settings -> 'shapes',
      'handoff', coalesce(b.settings ->> 'handoff', 'on'),
      'handoffTimeoutMinutes', round(extract(epoch from handoff_timeout(b.id)) / 60),
      'handoffKeywords', coalesce(b.settings -> 'handoffKeywords', '[]'),
      'transcriptionModel', b.settings ->> 'transcriptionModel', 'images', b.settings ->> 'images',
      'embeddingModel', b.embedding_model,
      'turnSpendCeilingUsd', spend_ceiling(b.settings, 'turnSpendCeilingMicros') / 1e6,
      'monthlySpendCeilingUsd', spend_ceiling(b.settings, 'monthlySpendCeilingMicros') / 1e6,
      'spentUsd', coalesce(s.spent_micros, 0) / 1e6, 'unpricedRows', coalesce(s.unpriced_rows, 0),
      'hasAppSecret', b.whatsapp_app_secret is not null, 'isActive', b.is_active,
      'disabledReason', b.disabled_reason, 'createdAt', b.created_at,
      'conversations', (select count(*) from conversations c where c.chatbot_id = b.id)) as chatbot
    from chatbots b join organizations o on o.id = b.organization_id
    join usage_summary u on u.organization_id = o.id
    left join chatbot_spend s on s.chatbot_id = b.id and s.period_start = u.current_period_start
    where (${organizationId}::uuid is null or o.id = ${organizationId}::uuid)
      and (${reference}::text is null
        or ${reference} in (b.id::text, b.name, b.whatsapp_phone_number_id))
    order by b.id`.execute(system);
  return rows.map((row) => ChatbotRow.parse(row.chatbot));
}

/** What a chatbot is made of; the secrets sealed. What is undefined keeps its value or default. */
export type ChatbotValues = {
  readonly name?: string | undefined;
  readonly phoneNumberId?: string | undefined;
  readonly sealedAccessToken?: string | undefined;
  readonly sealedAppSecret?: string | null | undefined;
  readonly model?: string | undefined;
  readonly fallbackModel?: string | null | undefined;
  readonly systemPrompt?: string | undefined;
  readonly failureMessage?: string | null | undefined;
  readonly replyDelayMs?: number | undefined;
  readonly historyTokenBudget?: number | undefined;
  readonly passagesMax?: number | undefined;
  /** Null: what goes with the embedding model. */
  readonly similarityThreshold?: number | null | undefined;
};

const columns = (values: ChatbotValues) => ({
  ...(values.name === undefined ? {} : { name: values.name }),
  ...(values.phoneNumberId === undefined ? {} : { whatsapp_phone_number_id: values.phoneNumberId }),
  ...(values.sealedAccessToken === undefined
    ? {}
    : { whatsapp_access_token: values.sealedAccessToken }),
  ...(values.sealedAppSecret === undefined ? {} : { whatsapp_app_secret: values.sealedAppSecret }),
  ...(values.model === undefined ? {} : { model: values.model }),
  ...(values.fallbackModel === undefined ? {} : { fallback_model: values.fallbackModel }),
  ...(values.systemPrompt === undefined ? {} : { system_prompt: values.systemPrompt }),
  ...(values.failureMessage === undefined ? {} : { failure_message: values.failureMessage }),
  ...(values.replyDelayMs === undefined ? {} : { reply_delay_ms: values.replyDelayMs }),
  ...(values.historyTokenBudget === undefined
    ? {}
    : { history_token_budget: values.historyTokenBudget }),
  ...(values.passagesMax === undefined ? {} : { passages_max: values.passagesMax }),
  ...(values.similarityThreshold === undefined
    ? {}
    : { similarity_threshold: values.similarityThreshold }),
});

/** A new chatbot needs these. */
export type NewChatbot = ChatbotValues & {
  readonly id: ChatbotId;
  readonly name: string;
  readonly phoneNumberId: string;
  readonly sealedAccessToken: string;
  readonly model: string;
};

/** Makes a chatbot; false when its phone number id leads to one already, of whatever organization. */
export async function insertChatbot(
  tenant: TenantDatabase,
  organizationId: OrganizationId,
  chatbot: NewChatbot,
): Promise<boolean> {
  const rows = await tenant
    .insertInto("chatbots")
    .values({
      ...columns(chatbot),
      id: chatbot.id,
      organization_id: organizationId,
      name: chatbot.name,
      whatsapp_phone_number_id: chatbot.phoneNumberId,
      whatsapp_access_token: chatbot.sealedAccessToken,
      model: chatbot.model,
    })
    .onConflict((conflict) => conflict.column("whatsapp_phone_number_id").doNothing())
    .returning("id")
    .execute();
  return rows.length > 0;
}

/** What may change of a chatbot that there is. */
export type ChatbotChanges = ChatbotValues & {
  /** When documents are searched: when the model asks, or before its first call too. */
  readonly retrieval?: "tool" | "always" | undefined;
  /** Puts what was found into a better order; null: none. */
  readonly rerankingModel?: string | null | undefined;
  /** What it may send besides words; null: the default. */
  readonly shapes?: readonly ReplyShapeName[] | null | undefined;
  /** Whether the bot hands over to colleagues by itself. */
  readonly handoff?: "on" | "off" | undefined;
  /** How long the bot leaves a conversation to colleagues who do not write. */
  readonly handoffTimeoutMinutes?: number | undefined;
  /** The business's own words for wanting a person. */
  readonly handoffKeywords?: readonly string[] | undefined;
  /** Hears voice messages; null: that of the settings, `none`: nobody. */
  readonly transcriptionModel?: string | null | undefined;
  /** Whether its models are given pictures. */
  readonly images?: "auto" | "yes" | "no" | undefined;
  /** Millionths of a US dollar that the model calls of one turn may cost; null: no ceiling. */
  readonly turnSpendCeilingMicros?: number | null | undefined;
  /** Millionths of a US dollar that a billing period may cost; null: no ceiling. */
  readonly monthlySpendCeilingMicros?: number | null | undefined;
};

/** What stands in the column of this name, as it is called there. */
const SETTINGS = [
  "retrieval",
  "rerankingModel",
  "shapes",
  "handoff",
  "handoffTimeoutMinutes",
  "handoffKeywords",
  "transcriptionModel",
  "images",
  "turnSpendCeilingMicros",
  "monthlySpendCeilingMicros",
] as const;

/** Changes a chatbot. A phone number id in use fails with the unique violation of PostgreSQL. */
export async function updateChatbot(
  tenant: TenantDatabase,
  id: ChatbotId,
  changes: ChatbotChanges,
): Promise<void> {
  // Only what is defined is in the text, and so keeps or replaces its value.
  const changed = JSON.stringify(
    Object.fromEntries(SETTINGS.map((setting) => [setting, changes[setting]])),
  );
  const settings =
    changed === "{}" ? {} : { settings: sql<string>`settings || ${changed}::text::jsonb` };
  await tenant
    .updateTable("chatbots")
    .set({ ...columns(changes), ...settings })
    .where("id", "=", id)
    .execute();
}

/**
 * Switches a chatbot on or off, and tells what it is now: the monthly limit may keep it off.
 * @param disabledReason null switches on.
 */
export async function switchChatbot(
  tenant: TenantDatabase,
  id: ChatbotId,
  disabledReason: string | null,
): Promise<{ readonly isActive: boolean; readonly disabledReason: string | null }> {
  await tenant
    .updateTable("chatbots")
    .set({ is_active: disabledReason === null, disabled_reason: disabledReason })
    .where("id", "=", id)
    .execute();
  const row = await tenant
    .selectFrom("chatbots")
    .select(["is_active", "disabled_reason"])
    .where("id", "=", id)
    .executeTakeFirst();
  return { isActive: row?.is_active === true, disabledReason: row?.disabled_reason ?? null };
}

/** Deletes a chatbot with its conversations and knowledge; what was billed stays. */
export async function deleteChatbot(tenant: TenantDatabase, id: ChatbotId): Promise<void> {
  await tenant.deleteFrom("chatbots").where("id", "=", id).execute();
}
