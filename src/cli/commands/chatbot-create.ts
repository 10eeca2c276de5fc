import { z } from "zod";
import { chatbotInputs } from "./chatbot-inputs.ts";
import { chatbotSummary } from "./chatbot-summary.ts";
import { checkModel } from "./check-model.ts";
import { checkPrompt } from "./check-prompt.ts";
import { defineCommand } from "./command.ts";
import { createChatbot } from "./create-chatbot.ts";
import { getChatbot } from "./find-chatbot.ts";
import { findOrCreateOrganization } from "./find-organization.ts";

const Input = z.strictObject({
  name: chatbotInputs.name,
  phoneNumberId: chatbotInputs.phoneNumberId,
  accessToken: chatbotInputs.accessToken,
  organization: z
    .string()
    .trim()
    .min(1, "may not be empty")
    .max(200)
    .default("Default")
    .describe("Id, slug or name of its organization, which is made when it is missing."),
  appSecret: chatbotInputs.appSecret.optional(),
  model: chatbotInputs.model.optional(),
  fallbackModel: chatbotInputs.fallbackModel.optional(),
  systemPrompt: chatbotInputs.systemPrompt.optional(),
  failureMessage: chatbotInputs.failureMessage.optional(),
  replyDelayMs: chatbotInputs.replyDelayMs.optional(),
  historyTokenBudget: chatbotInputs.historyTokenBudget.optional(),
});

/** `chatbot create`. */
export const chatbotCreate = defineCommand({
  name: "chatbot create",
  summary: "Make a chatbot that answers on a WhatsApp number.",
  details:
    "It answers as soon as Meta sends its webhooks here. A secret on the command line can be seen in the list of processes: give - to read it from standard input, or a file with --access-token-file. Without --model it gets DEFAULT_MODEL.",
  examples: [
    './parley chatbot create --name "Support" --phone-number-id 106540352242922 --access-token-file token.txt',
    './parley chatbot create --name "Shop" --organization "Bakery Ltd" --phone-number-id 106540352242922 --access-token - --model openai:gpt-5-mini',
  ],
  input: Input,
  view: { kind: "record" },
  async *run(deps, input, notice) {
    const model = input.model ?? deps.config.DEFAULT_MODEL;
    checkPrompt(input.systemPrompt);
    checkModel(deps, model, notice);
    checkModel(deps, input.fallbackModel, notice);
    const organization = await findOrCreateOrganization(deps, input.organization);
    const id = await createChatbot(deps, organization, { ...input, model });
    const chatbot = await getChatbot(deps, id);
    if (!chatbot.isActive)
      notice("It is switched off: the organization has used up its monthly limit.");
    yield chatbotSummary(chatbot);
  },
});
