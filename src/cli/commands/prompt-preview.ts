import { z } from "zod";
import { type AgentPrompt, buildPrompt } from "#agent/build-prompt.ts";
import type { ConversationContext } from "#domain/conversation.ts";
import { AppError } from "#domain/errors.ts";
import { estimateTokens } from "#domain/estimate-tokens.ts";
import { ContactId, ConversationId } from "#domain/ids.ts";
import { newId } from "#platform/new-id.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { ChatbotRow } from "#store/chatbots.ts";
import { findContactOfConversation } from "#store/contacts.ts";
import { chatbotOption } from "./chatbot-reference.ts";
import { type CommandDeps, defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";
import { loadPromptVersions, pickPromptVersion, promptReference } from "./find-prompt-version.ts";

const Input = z.strictObject({
  chatbot: chatbotOption,
  number: promptReference
    .default("published")
    .describe("Number of the version, draft or published."),
  conversation: z
    .uuid("is the id of a conversation")
    .optional()
    .meta({ placeholder: "id" })
    .describe("Conversation of the contact; without it, an invented one."),
  message: z
    .string()
    .min(1, "may not be empty")
    .default("Hello")
    .meta({ placeholder: "text" })
    .describe("What the contact writes."),
});
type Input = z.infer<typeof Input>;

/** `prompt preview`. */
export const promptPreview = defineCommand({
  name: "prompt preview",
  summary: "Print the exact prompt that a contact would get now; no model is called.",
  details:
    "Earlier messages and passages from documents are left out: they would stand between the instructions and the message.",
  examples: [
    "./parley prompt preview --chatbot Support",
    './parley prompt preview --chatbot Support --number draft --message "Are you open?"',
  ],
  input: Input,
  view: {
    kind: "lines",
    line: (row) => {
      const { role, content } = Shown.parse(row);
      return `--- ${role}\n${content}`;
    },
  },
  async *run(deps, input, notice) {
    const chatbot = await getChatbot(deps, input.chatbot);
    const { instructions, messages } = buildPrompt(await makeContext(deps, chatbot, input));
    const parts = [
      { role: "system", content: instructions },
      ...messages.map(({ role, content }) => ({ role, content: inWords(content) })),
    ];
    const tokens = parts.reduce((sum, { content }) => sum + estimateTokens(content), 0);
    notice(`About ${tokens} tokens.`);
    yield* parts;
  },
});

function inWords(content: AgentPrompt["messages"][number]["content"]): string {
  if (typeof content === "string") return content;
  return content
    .map((part) => (part.type === "text" ? part.text : JSON.stringify(part)))
    .join("\n");
}

const Shown = z.object({ role: z.string(), content: z.string() });

async function makeContext(
  deps: CommandDeps,
  chatbot: ChatbotRow,
  input: Input,
): Promise<ConversationContext> {
  const version = pickPromptVersion(await loadPromptVersions(deps, chatbot), input.number);
  const now = deps.clock.now().toISOString();
  return {
    organizationId: chatbot.organizationId,
    chatbotId: chatbot.id,
    conversationId: ConversationId.parse(input.conversation ?? newId()),
    contactId: ContactId.parse(newId()),
    chatbot: {
      name: chatbot.name,
      model: chatbot.model,
      fallbackModel: chatbot.fallbackModel,
      prompt: { version: version.number, content: version.content },
      failureMessage: chatbot.failureMessage,
      retrieval: "none",
      shapes: [],
      knowledgeLanguages: [],
      hasTools: false,
      handoff: chatbot.handoff,
      handoffKeywords: chatbot.handoffKeywords,
      media: { transcriptionModel: null, images: "auto" },
      spend: { turnCeilingMicros: null, isMonthUsedUp: false },
    },
    contact: await findContact(deps, chatbot, input.conversation),
    loadedAt: now,
    language: null,
    isPaused: false,
    botSince: null,
    notices: [],
    history: [],
    incoming: [{ author: "customer", type: "text", text: input.message, sentAt: now }],
    newestWhatsAppMessageId: "preview",
    newestMessageAt: now,
  };
}

async function findContact(
  deps: CommandDeps,
  { id, organizationId }: ChatbotRow,
  conversation: string | undefined,
): Promise<ConversationContext["contact"]> {
  const nobody = { phone: null, userId: null, language: null, isOptedOut: false };
  if (conversation === undefined) return { ...nobody, name: "Ana", attributes: {} };
  const contact = await asTenant(deps.database.db, organizationId, (tenant) =>
    findContactOfConversation(tenant, id, ConversationId.parse(conversation)),
  );
  if (contact === null)
    throw new AppError("NOT_FOUND", "This chatbot has no conversation of this id.");
  return { ...nobody, ...contact };
}
