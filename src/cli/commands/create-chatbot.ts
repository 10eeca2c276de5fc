import { AppError } from "#domain/errors.ts";
import { ChatbotId } from "#domain/ids.ts";
import { newId } from "#platform/new-id.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { type ChatbotValues, insertChatbot } from "#store/chatbots.ts";
import { setPromptAuthor } from "#store/prompt-versions.ts";
import type { CommandDeps } from "./command.ts";
import type { FoundOrganization } from "./find-organization.ts";

/** What a new chatbot should be, with its secrets in the clear. */
export type ChatbotWish = Omit<ChatbotValues, "sealedAccessToken" | "sealedAppSecret"> & {
  readonly name: string;
  readonly phoneNumberId: string;
  readonly accessToken: string;
  readonly appSecret?: string | undefined;
  readonly model: string;
};

/** Makes a chatbot in an organization that exists. @throws AppError CONFLICT. */
export async function createChatbot(
  deps: Pick<CommandDeps, "database" | "keyRing">,
  organization: FoundOrganization,
  input: ChatbotWish,
): Promise<ChatbotId> {
  const id = ChatbotId.parse(newId());
  const organizationId = organization.id;
  const { accessToken, appSecret, ...values } = input;
  await asTenant(deps.database.db, organizationId, async (tenant) => {
    await setPromptAuthor(tenant, "operator");
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
