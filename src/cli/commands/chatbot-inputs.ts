import { z } from "zod";
import { REPLY_SHAPES } from "#domain/reply-addition.ts";

const dollars = z
  .string()
  .regex(/^(none|\d{1,7}(\.\d{1,6})?)$/, "is an amount such as 25 or 0.05, or none")
  .refine((typed) => typed === "none" || Number(typed) > 0, "must be more than 0, or none")
  .meta({ placeholder: "dollars" });

/** The options that `chatbot create` and `chatbot update` share, with the rules of the columns. */
export const chatbotInputs = {
  name: z.string().trim().min(1, "may not be empty").max(200).describe("What it is called here."),
  phoneNumberId: z
    .string()
    .regex(/^[\w.-]{1,64}$/, "is Meta's id of the number (digits), not the number itself")
    .meta({ placeholder: "id" })
    .describe("Meta's id of the WhatsApp number (WhatsApp > API Setup), not the number itself."),
  accessToken: z
    .string()
    .trim()
    .min(1, "may not be empty")
    .meta({ secret: true, placeholder: "token" })
    .describe("Access token of a system user of Meta. It is stored sealed."),
  appSecret: z
    .string()
    .trim()
    .meta({ secret: true, placeholder: "secret" })
    .describe("Signs this number's webhooks, where it is not WHATSAPP_APP_SECRET. Stored sealed."),
  model: z
    .string()
    .meta({ placeholder: "provider:model" })
    .describe("Model that answers: demo:extractive, openai:…, google:…, anthropic:…"),
  fallbackModel: z
    .string()
    .meta({ placeholder: "provider:model" })
    .describe("Model that answers when the first one fails."),
  systemPrompt: z
    .string()
    .max(50_000)
    .meta({ placeholder: "text" })
    .describe(
      "Who the chatbot is and how it answers: a new, published version of its instructions.",
    ),
  failureMessage: z
    .string()
    .trim()
    .min(1, "may not be empty")
    .max(4_096)
    .meta({ placeholder: "text" })
    .describe(
      "What a customer gets instead of silence when no answer can be made. Without it: a sentence in the customer's language.",
    ),
  replyDelayMs: z
    .int()
    .min(0)
    .max(60_000)
    .meta({ placeholder: "ms" })
    .describe("How long to wait for further messages before answering; 0 answers at once."),
  historyTokenBudget: z
    .int()
    .min(0)
    .max(100_000)
    .meta({ placeholder: "tokens" })
    .describe("How much of the conversation so far the model reads."),
  retrieval: z
    .enum(["tool", "always"])
    .describe(
      "When documents are searched: tool, when the model asks; always, before its first call too.",
    ),
  passagesMax: z
    .int()
    .min(1)
    .max(50)
    .meta({ placeholder: "passages" })
    .describe("How many passages an answer is made from at most."),
  similarityThreshold: z
    .string()
    .regex(/^(default|-?(0(\.\d+)?|1(\.0+)?))$/, "is a number from -1 to 1, or default")
    .meta({ placeholder: "number" })
    .describe(
      "Similarity below which a passage is off topic; default: what goes with the embedding model.",
    ),
  rerankingModel: z
    .string()
    .meta({ placeholder: "provider:model" })
    .describe(
      "Model that puts found passages in order: cohere:rerank-v3.5, openai-compatible:…; none: without.",
    ),
  shapes: z
    .string()
    .regex(
      new RegExp(`^(default|none|(${REPLY_SHAPES.join("|")})(,(${REPLY_SHAPES.join("|")}))*)$`),
      `is default, none, or some of ${REPLY_SHAPES.join(",")}`,
    )
    .meta({ placeholder: "names" })
    .describe(
      "What it may send besides words: options (buttons and lists), link, location (asks for it), files (its documents); default: options,link.",
    ),
  handoff: z
    .enum(["on", "off"])
    .describe("Whether the bot hands over to colleagues: on request, and when it cannot help."),
  handoffTimeoutMinutes: z
    .int()
    .min(5)
    // later than 24 hours after the person's last message WhatsApp lets nobody tell them
    .max(1_380)
    .meta({ placeholder: "minutes" })
    .describe("How long the bot waits for a colleague to write before it comes back and says so."),
  handoffKeywords: z
    .string()
    .max(2_000)
    .meta({ placeholder: "words" })
    .describe("More words and phrases that ask for a person, separated by commas; empty: none."),
  transcriptionModel: z
    .string()
    .meta({ placeholder: "provider:model" })
    .describe(
      "Model that hears voice messages: openai:…, google:…, openai-compatible:…; none: customers are asked to write; default: that of the settings.",
    ),
  images: z
    .enum(["auto", "yes", "no"])
    .describe("Whether its models are given pictures; auto: where the model is known to see."),
  turnSpendCeiling: dollars.describe(
    "US dollars that the model calls of one answer may cost; then no tool runs any more. none: no ceiling.",
  ),
  monthlySpendCeiling: dollars.describe(
    "US dollars that the chatbot may cost in a billing period; then it answers with its fallback sentence. none: no ceiling.",
  ),
} as const;
