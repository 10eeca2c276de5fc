import { z } from "zod";
import { explainFailure } from "#cli/explain-failure.ts";
import { AppError } from "#domain/errors.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import { asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import type { ChatbotRow } from "#store/chatbots.ts";
import { giveIntegration, saveIntegration } from "#store/given-tools.ts";
import { sealCredentials } from "#tools/read-credentials.ts";
import { chatbotOption } from "./chatbot-reference.ts";
import { type CommandDeps, defineCommand, type Row } from "./command.ts";
import { getChatbot } from "./find-chatbot.ts";
import { getTool } from "./find-tool.ts";
import { loadIntegration, openForOperator, operatorAsCaller } from "./open-given-tool.ts";
import { readCredentialsOption } from "./read-credentials-option.ts";
import { jsonOption, readJsonOption } from "./read-json-option.ts";
import { toolSummary } from "./tool-list.ts";

const Input = z.strictObject({
  name: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, "is letters, digits, - and _, at most 64 of them")
    .meta({ positional: true })
    .describe("What the model calls it by, such as book_table."),
  chatbot: chatbotOption,
  provider: z.enum(["http", "mcp", "windmill", "builtin"]).describe("What is behind it."),
  description: z
    .string()
    .trim()
    .max(2_000)
    .optional()
    .describe("Tells the model what it is for and when to use it."),
  url: z
    .string()
    .optional()
    .meta({ placeholder: "address" })
    .describe("http: the address, with {parameters} in it; mcp: that of the server."),
  method: z.string().optional().describe("http: GET, POST, PUT, PATCH or DELETE."),
  script: z
    .string()
    .optional()
    .meta({ placeholder: "path" })
    .describe("windmill: the script, such as f/tools/find_order."),
  settings: jsonOption("Further settings of the provider, as a JSON object."),
  parameters: jsonOption("What the model must pass, as JSON schema."),
  bound: jsonOption("Arguments that the model neither sees nor chooses, as a JSON object."),
  config: jsonOption("Further configuration of this chatbot's use, as a JSON object."),
  requiresConfirmation: z
    .boolean()
    .optional()
    .describe("Ask the customer, with two buttons, before it runs."),
  /** Sets the one above to false: so the command line reads a flag that begins with "no". */
  noRequiresConfirmation: z.boolean().optional().describe("Do not ask the customer any more."),
  credentials: z
    .string()
    .optional()
    .meta({ placeholder: "secret", secret: true, neverTyped: true })
    .describe("A key or token, or a JSON object with several by name. Stored sealed."),
});
type Input = z.infer<typeof Input>;

/** `tool add`. */
export const toolAdd = defineCommand({
  name: "tool add",
  summary: "Give a chatbot a tool, or change one; it counts from its next turn on.",
  details:
    "A tool belongs to the chatbot's organization: under the same name another chatbot gets the same one. What is not given stays as it is, also within --settings and --config, where null takes something away. Ends with 1 when it does not work yet, and says why: it is stored, but the chatbot goes without it. docs/ADDING_A_TOOL.md explains the settings of each provider.",
  examples: [
    `./parley tool add book_table --chatbot Support --provider http --method POST --url https://api.example.com/bookings --parameters-file parameters.json --requires-confirmation`,
    "./parley tool add crm --chatbot Support --provider mcp --url https://mcp.example.com/mcp --credentials-file token.txt",
    "./parley tool add find_order --chatbot Support --provider windmill --script f/tools/find_order",
    "./parley tool add current_time --chatbot Support --provider builtin",
  ],
  input: Input,
  view: { kind: "record" },
  isFailure: (row) => "failure" in row,
  async *run(deps, input) {
    const chatbot = await getChatbot(deps, input.chatbot);
    await save(deps, chatbot, input);
    const reference = { tool: input.name, chatbot: chatbot.id };
    const tool = await getTool(deps, reference);
    yield { ...toolSummary(tool), ...(await lookInside(deps, tool)) };
  },
});

async function save(deps: CommandDeps, chatbot: ChatbotRow, input: Input): Promise<void> {
  const { organizationId } = chatbot;
  const settings = settingsOf(input);
  const toolConfig = configOf(input);
  const credentials = readCredentialsOption(input.credentials);
  await asTenant(deps.database.db, organizationId, async (tenant) => {
    const integrationId = await saveIntegration(tenant, organizationId, {
      name: input.name,
      provider: input.provider,
      description: input.description,
      settings,
      sealedCredentials:
        credentials === undefined
          ? undefined
          : sealCredentials(deps.keyRing, organizationId, credentials),
    });
    if (integrationId === null)
      throw new AppError(
        "CONFLICT",
        "The organization has a tool of this name from another provider. Choose another name, or remove that one first.",
      );
    await giveIntegration(tenant, organizationId, {
      chatbotId: chatbot.id,
      integrationId,
      toolConfig,
    });
    await insertOperatorAudit(tenant, organizationId, {
      action: "tool.added",
      targetType: "tool",
      targetId: integrationId,
      changes: {
        name: input.name,
        provider: input.provider,
        chatbotId: chatbot.id,
        settings: Object.keys(settings ?? {}),
        toolConfig: Object.keys(toolConfig ?? {}),
        credentials: Object.keys(credentials ?? {}),
      },
    });
  });
}

/** The options that stand for a setting of the provider, over those of `--settings`. */
function settingsOf(input: Input): JsonObject | undefined {
  const { url, method, script, provider } = input;
  const named = {
    ...(url === undefined ? {} : { [provider === "mcp" ? "mcp_server_url" : "url"]: url }),
    ...(method === undefined ? {} : { method }),
    ...(script === undefined ? {} : { script_path: script }),
  };
  const settings = readJsonOption("settings", input.settings);
  if (settings === undefined && Object.keys(named).length === 0) return undefined;
  return { ...settings, ...named };
}

function configOf(input: Input): JsonObject | undefined {
  const { requiresConfirmation: asks } = input;
  const parameters = readJsonOption("parameters", input.parameters);
  const bound = readJsonOption("bound", input.bound);
  const named = {
    ...(parameters === undefined ? {} : { parameters }),
    ...(bound === undefined ? {} : { bound }),
    ...(asks === undefined ? {} : { requires_confirmation: asks }),
  };
  const config = readJsonOption("config", input.config);
  if (config === undefined && Object.keys(named).length === 0) return undefined;
  return { ...config, ...named };
}

/** What it brings, or why it brings nothing now. */
async function lookInside(
  deps: CommandDeps,
  tool: Awaited<ReturnType<typeof getTool>>,
): Promise<Row> {
  try {
    const integration = await loadIntegration(deps, tool);
    return { tools: Object.keys(await openForOperator(deps, integration, operatorAsCaller(tool))) };
  } catch (error) {
    const { code, message } = explainFailure(error);
    return { tools: [], failure: `It does not work yet: ${message} (${code})` };
  }
}
