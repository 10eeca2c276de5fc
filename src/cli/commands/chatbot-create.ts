import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { ChatbotId } from "#domain/ids.ts";
import { newId } from "#platform/new-id.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { insertChatbot } from "#store/chatbots.ts";
import { chatbotInputs, DEFAULT_FAILURE_MESSAGE } from "./chatbot-inputs.ts";
import { chatbotSummary } from "./chatbot-summary.ts";
import { checkModel } from "./check-model.ts";
import { type CommandDeps, defineCommand } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";
import { findOrCreateOrganization, type FoundOrganization } from "./find-organization.ts";

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
  failureMessage: chatbotInputs.failureMessage.default(DEFAULT_FAILURE_MESSAGE),
  replyDelayMs: chatbotInputs.replyDelayMs.optional(),
  historyTokenBudget: chatbotInputs.historyTokenBudget.optional(),
});
type Input = z.infer<typeof Input>;

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
    checkModel(deps, model, notice);
    checkModel(deps, input.fallbackModel, notice);
    const organization = await findOrCreateOrganization(deps, input.organization);
    const id = await create(deps, organization, { ...input, model });
    const chatbot = await getChatbot(deps, id);
    if (!chatbot.isActive)
      notice("It is switched off: the organization has used up its monthly limit.");
    yield chatbotSummary(chatbot);
  },
});

/** Makes a chatbot in an organization that exists. @throws AppError CONFLICT. */
export async function create(
  deps: Pick<CommandDeps, "database" | "keyRing">,
  organization: FoundOrganization,
  input: Omit<Input, "organization" | "model"> & { readonly model: string },
): Promise<ChatbotId> {
  const id = ChatbotId.parse(newId());
  const organizationId = organization.id;
  const { accessToken, appSecret, ...values } = input;
  await asTenant(deps.database.db, organizationId, async (tenant) => {
    const isMade = await insertChatbot(tenant, organizationId, {
      ...values,
      id,
      sealedAccessToken: deps.keyRing.seal(accessToken, {
        organizationId,
        column: "whatsapp_access_token",
      }),
      ...(appSecret === undefined || appSecret === ""
        ? {}
        : {
            sealedAppSecret: deps.keyRing.seal(appSecret, {
              organizationId,
              column: "whatsapp_app_secret",
            }),
          }),
    });
    if (!isMade)
      throw new AppError(
        "CONFLICT",
        "This phone number id leads to a chatbot already, and a number can have only one. ./parley chatbot list shows all.",
      );
    await insertOperatorAudit(tenant, organizationId, {
      action: "chatbot.created",
      targetType: "chatbot",
      targetId: id,
      changes: { name: values.name, phoneNumberId: values.phoneNumberId, model: values.model },
    });
  });
  return id;
}
