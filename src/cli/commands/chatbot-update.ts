import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { REPLY_SHAPES, type ReplyShapeName } from "#domain/reply-addition.ts";
import { NO_TRANSCRIPTION } from "#providers/transcription/transcription-name.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { type ChatbotRow, type ChatbotChanges, updateChatbot } from "#store/chatbots.ts";
import { isConflict } from "#store/database.ts";
import { setPromptAuthor } from "#store/prompt-versions.ts";
import { chatbotInputs } from "./chatbot-inputs.ts";
import { chatbotReference } from "./chatbot-reference.ts";
import { chatbotSummary } from "./chatbot-summary.ts";
import { findCeilingLeaks } from "./check-ceilings.ts";
import { checkModel } from "./check-model.ts";
import { checkPrompt } from "./check-prompt.ts";
import { type CommandDeps, defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";

const Input = z.strictObject({
  chatbot: chatbotReference,
  name: chatbotInputs.name.optional(),
  phoneNumberId: chatbotInputs.phoneNumberId.optional(),
  accessToken: chatbotInputs.accessToken.optional(),
  appSecret: chatbotInputs.appSecret
    .describe("Signs this number's webhooks; empty: WHATSAPP_APP_SECRET does. Stored sealed.")
    .optional(),
  model: chatbotInputs.model.optional(),
  fallbackModel: chatbotInputs.fallbackModel
    .describe("Model that answers when the first one fails; empty: none.")
    .optional(),
  systemPrompt: chatbotInputs.systemPrompt.optional(),
  failureMessage: z
    .string()
    .trim()
    .max(4_096)
    .meta({ placeholder: "text" })
    .describe(
      "What a customer gets instead of silence when no answer can be made; empty: a sentence in the customer's language.",
    )
    .optional(),
  replyDelayMs: chatbotInputs.replyDelayMs.optional(),
  historyTokenBudget: chatbotInputs.historyTokenBudget.optional(),
  retrieval: chatbotInputs.retrieval.optional(),
  passagesMax: chatbotInputs.passagesMax.optional(),
  similarityThreshold: chatbotInputs.similarityThreshold.optional(),
  rerankingModel: chatbotInputs.rerankingModel.optional(),
  shapes: chatbotInputs.shapes.optional(),
  handoff: chatbotInputs.handoff.optional(),
  handoffTimeoutMinutes: chatbotInputs.handoffTimeoutMinutes.optional(),
  handoffKeywords: chatbotInputs.handoffKeywords.optional(),
  transcriptionModel: chatbotInputs.transcriptionModel.optional(),
  images: chatbotInputs.images.optional(),
  turnSpendCeiling: chatbotInputs.turnSpendCeiling.optional(),
  monthlySpendCeiling: chatbotInputs.monthlySpendCeiling.optional(),
});
type Input = z.infer<typeof Input>;

/** `chatbot update`. */
export const chatbotUpdate = defineCommand({
  name: "chatbot update",
  summary: "Change settings or secrets of a chatbot; they count from its next turn on.",
  examples: [
    "./parley chatbot update Support --model openai:gpt-5-mini",
    "./parley chatbot update Support --access-token-file token.txt",
    "./parley chatbot update Support --retrieval always --passages-max 8 --similarity-threshold default",
    "./parley chatbot update Support --reranking-model cohere:rerank-v3.5",
    "./parley chatbot update Support --shapes options,link,files",
    './parley chatbot update Support --handoff-timeout-minutes 120 --handoff-keywords "the boss, front desk"',
    "./parley chatbot update Support --transcription-model openai:whisper-1 --images yes",
    "./parley chatbot update Support --turn-spend-ceiling 0.05 --monthly-spend-ceiling 25",
  ],
  input: Input,
  view: { kind: "record" },
  async *run(deps, input, notice) {
    checkPrompt(input.systemPrompt);
    checkModel(deps, input.model, notice);
    checkModel(deps, input.fallbackModel === "" ? undefined : input.fallbackModel, notice);
    if (input.rerankingModel !== undefined && input.rerankingModel !== "none")
      deps.knowledge.rerankings.get(input.rerankingModel); // fails for what cannot be opened
    checkTranscription(deps, input.transcriptionModel);
    const chatbot = await getChatbot(deps, input.chatbot);
    await update(deps, chatbot, input);
    const updated = await getChatbot(deps, chatbot.id);
    for (const leak of findCeilingLeaks(updated)) notice(leak);
    yield chatbotSummary(updated);
  },
});

async function update(deps: CommandDeps, chatbot: ChatbotRow, input: Input): Promise<void> {
  const { organizationId } = chatbot;
  const { chatbot: _reference, accessToken, appSecret, ...rest } = input;
  const { turnSpendCeiling, monthlySpendCeiling, ...plain } = rest;
  const seal = (secret: string, column: string): string =>
    deps.keyRing.seal(secret, { organizationId, column });
  const values: ChatbotChanges = {
    ...plain,
    fallbackModel: plain.fallbackModel === "" ? null : plain.fallbackModel,
    similarityThreshold: toThreshold(plain.similarityThreshold),
    rerankingModel: plain.rerankingModel === "none" ? null : plain.rerankingModel,
    shapes: toShapes(plain.shapes),
    failureMessage: plain.failureMessage === "" ? null : plain.failureMessage,
    handoffKeywords: toList(plain.handoffKeywords),
    transcriptionModel: plain.transcriptionModel === "default" ? null : plain.transcriptionModel,
    turnSpendCeilingMicros: toMicros(turnSpendCeiling),
    monthlySpendCeilingMicros: toMicros(monthlySpendCeiling),
    sealedAccessToken:
      accessToken === undefined ? undefined : seal(accessToken, "whatsapp_access_token"),
    sealedAppSecret: appSecret ? seal(appSecret, "whatsapp_app_secret") : emptied(appSecret),
  };
  if (Object.values(values).every((value) => value === undefined))
    throw new AppError("INPUT_INVALID", "There is nothing to change: give at least one option.");
  try {
    await asTenant(deps.database.db, organizationId, async (tenant) => {
      await setPromptAuthor(tenant, "operator");
      await updateChatbot(tenant, chatbot.id, values);
      await insertOperatorAudit(tenant, organizationId, {
        action: "chatbot.updated",
        targetType: "chatbot",
        targetId: chatbot.id,
        changes: describeChanges(input),
      });
    });
  } catch (cause) {
    if (!isConflict(cause)) throw cause;
    throw new AppError("CONFLICT", "This phone number id leads to another chatbot already.", {
      cause,
    });
  }
}

/** An empty value takes away, an absent one keeps. */
const emptied = (value: string | undefined): null | undefined => (value === "" ? null : undefined);

const toList = (typed: string | undefined): readonly string[] | undefined =>
  typed
    ?.split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
/** Fails for what cannot be opened. */
function checkTranscription({ hearing }: CommandDeps, name: string | undefined): void {
  if (name === undefined || name === NO_TRANSCRIPTION || name === "default") return;
  hearing.transcriptions.get(name);
}

/** Null: what goes with the embedding model. */
function toThreshold(typed: string | undefined): number | null | undefined {
  if (typed === undefined) return undefined;
  return typed === "default" ? null : Number(typed);
}

/** Null: the default. */
function toShapes(typed: string | undefined): readonly ReplyShapeName[] | null | undefined {
  if (typed === undefined) return undefined;
  if (typed === "default") return null;
  const names = typed.split(",");
  return REPLY_SHAPES.filter((shape) => names.includes(shape));
}

/** Null: no ceiling. */
function toMicros(typed: string | undefined): number | null | undefined {
  if (typed === undefined) return undefined;
  return typed === "none" ? null : Math.round(Number(typed) * 1_000_000);
}

/** Long texts and secrets by name only. */
function describeChanges(input: Input): Record<string, string | number> {
  const isShown = new Set([
    "name",
    "phoneNumberId",
    "model",
    "fallbackModel",
    "replyDelayMs",
    "retrieval",
    "passagesMax",
    "similarityThreshold",
    "rerankingModel",
    "shapes",
    "handoff",
    "handoffTimeoutMinutes",
    "handoffKeywords",
    "transcriptionModel",
    "images",
    "turnSpendCeiling",
    "monthlySpendCeiling",
  ]);
  const changes: Record<string, string | number> = {};
  for (const [field, value] of Object.entries(input)) {
    if (field === "chatbot" || value === undefined) continue;
    changes[field] = isShown.has(field) ? value : "changed";
  }
  return changes;
}
