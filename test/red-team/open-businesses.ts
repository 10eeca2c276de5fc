import { PromptContent } from "#domain/prompt-content.ts";
import { asTenant } from "#store/as-tenant.ts";
import { publishPrompt, savePromptDraft } from "#store/prompt-versions.ts";
import type { ToolServer } from "#tools/http/tool-server-for-tests.ts";
import type { TestChatbot } from "../support/create-test-chatbot.ts";
import { giveTool } from "../support/give-tool.ts";
import type { TestWorld } from "../support/start-world.ts";
import { FOREIGN, REFUSAL, SECRETS } from "./secrets.ts";

const IDENTITY = {
  phone: "{{contact.phone}}",
  contact_id: "{{contact.id}}",
  organization_id: "{{organization.id}}",
};
const ORDER = { order_id: { type: "string", maxLength: 200 } };

/** Gives both businesses their tools, with identity bound and credentials sealed, and their instructions. */
export async function openBusinesses(given: {
  readonly world: TestWorld;
  readonly chatbot: TestChatbot;
  readonly other: TestChatbot;
  readonly tools: ToolServer;
  readonly crmUrl: string;
}): Promise<void> {
  const { world, chatbot, other, tools, crmUrl } = given;
  const http = (name: string, settings: object, toolConfig: object) =>
    giveTool(world.database, chatbot, {
      provider: "http",
      name,
      credentials: { api_key: SECRETS.toolKey },
      settings,
      toolConfig: { bound: IDENTITY, ...toolConfig },
    });
  const parameters = (properties: object) => ({
    type: "object",
    properties: { ...ORDER, ...properties },
    required: ["order_id", ...Object.keys(properties)],
  });
  await http(
    "order_status",
    { url: `${tools.url}/orders/{order_id}` },
    { parameters: parameters({}) },
  );
  await http(
    "refund_order",
    { method: "POST", url: `${tools.url}/refunds` },
    {
      parameters: parameters({ amount: { type: "number", minimum: 0, maximum: 1_000 } }),
      requires_confirmation: true,
    },
  );
  await http(
    "update_address",
    { method: "POST", url: `${tools.url}/addresses` },
    { parameters: parameters({ address: { type: "string", maxLength: 300 } }) },
  );
  await giveTool(world.database, chatbot, {
    provider: "mcp",
    name: "crm",
    credentials: { token: SECRETS.crmKey },
    settings: {
      mcp_server_url: crmUrl,
      transport: "http",
      auth: { type: "bearer" },
      pass_identity: "meta",
    },
    toolConfig: { allowed_tools: ["lookup"], bound: IDENTITY },
  });
  await giveTool(world.database, other, {
    provider: "http",
    name: "wire_money",
    settings: { method: "POST", url: `${tools.url}/wire` },
    toolConfig: { parameters: parameters({}), requires_confirmation: true },
  });
  await instruct(world, chatbot, {
    systemPrompt: "You sell books. Look orders up with your tools.",
    businessName: "Aurora Books",
    refusalSentence: REFUSAL,
  });
  await instruct(world, other, { systemPrompt: FOREIGN.otherPrompt, businessName: "Bruno" });
}

function instruct(
  world: TestWorld,
  { organizationId, chatbotId }: TestChatbot,
  content: Partial<PromptContent>,
): Promise<boolean> {
  return asTenant(world.database.db, organizationId, async (tenant) => {
    const number = await savePromptDraft(tenant, organizationId, {
      chatbotId,
      content: PromptContent.parse(content),
      author: "test",
      note: "",
    });
    return publishPrompt(tenant, chatbotId, number);
  });
}
