import { z } from "zod";
import { sendTemplate } from "#flow/reply/send-template.ts";
import { newId } from "#platform/new-id.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { defineCommand } from "./command.ts";
import { conversationReference, getConversation } from "./find-conversation.ts";

/** `conversation send-template`. */
export const conversationSendTemplate = defineCommand({
  name: "conversation send-template",
  summary: "Write to a person first, with a template that Meta has approved.",
  details:
    "A template may be sent at any time, also when the person has not written for a day. Meta bills each one. Whoever has opted out gets none. It is sent at most once: when its outcome is unknown, wait for its status before you repeat the command.",
  examples: [
    "./parley conversation send-template 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c --template hello_world --language en_US",
    './parley conversation send-template 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c --template order_ready --language en --parameters "Ana|12" --text "Hello Ana, order 12 is ready."',
  ],
  input: z.strictObject({
    id: conversationReference,
    template: z
      .string()
      .regex(/^[a-z0-9_]{1,512}$/, "is a template's name: small letters, digits and _")
      .meta({ placeholder: "name" })
      .describe("Name of the template, as WhatsApp Manager shows it."),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, "is a language such as en or pt_BR")
      .meta({ placeholder: "code" })
      .describe("Language of the template, such as en or pt_BR."),
    parameters: z
      .string()
      .regex(/^[^|\n\t]+(\|[^|\n\t]+)*$/, "is one text or several, separated by |")
      .optional()
      .meta({ placeholder: "texts" })
      .describe('What {{1}}, {{2}}, … stand for, separated by |: "Ana|12".'),
    text: z
      .string()
      .max(4_096)
      .optional()
      .describe("What the template says: the model reads it when the person answers."),
  }),
  view: { kind: "record" },
  async *run(deps, input) {
    const { id, organizationId } = await getConversation(deps, input.id);
    const { template: name, language, text = null } = input;
    const parameters = input.parameters?.split("|") ?? [];
    const sent = await sendTemplate(
      { ...deps, db: deps.database.db, newId },
      { organizationId, conversationId: id, template: { name, language, parameters }, text },
    );
    await asTenant(deps.database.db, organizationId, (tenant) =>
      insertOperatorAudit(tenant, organizationId, {
        action: "conversation.template_sent",
        targetType: "conversation",
        targetId: id,
        changes: { template: name, language, outboundMessageId: sent.outboundMessageId },
      }),
    );
    yield { id, template: name, language, outboundMessageId: sent.outboundMessageId };
  },
});
