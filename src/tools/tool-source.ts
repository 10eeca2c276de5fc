import type { AgentTools } from "#agent/agent-tool.ts";
import type {
  ChatbotId,
  ContactId,
  ConversationId,
  IntegrationId,
  OrganizationId,
  TurnId,
} from "#domain/ids.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import type { Breakers } from "./create-breakers.ts";

/** Where tools come from: the `provider` of an integration. */
export type ToolProvider = "builtin" | "mcp" | "windmill" | "http";

/**
 * An integration of an organization as it is given to one chatbot: a row of `org_integrations` with
 * its row of `chatbot_integrations`, the credentials opened. It lives in memory as long as a turn.
 */
export type Integration = {
  readonly id: IntegrationId;
  readonly provider: ToolProvider;
  /** What models call it by, or what its tools' names begin with. */
  readonly name: string;
  readonly description: string;
  /** How to reach it, such as `mcp_server_url`: the organization's. */
  readonly settings: JsonObject;
  /** Secrets by name, opened: never in a log, an error or an answer. */
  readonly credentials: Readonly<Record<string, string>>;
  /** What this chatbot may do with it, such as `parameters` or `allowed_tools`. */
  readonly toolConfig: JsonObject;
};

/** On whose behalf a tool is called. Comes from the server alone; no model can say otherwise. */
export type ToolCaller = {
  readonly organizationId: OrganizationId;
  readonly chatbotId: ChatbotId;
  readonly conversationId: ConversationId;
  /** Absent when an operator tries a tool. */
  readonly turnId?: TurnId;
  readonly contactId: ContactId;
  readonly contact: {
    readonly name: string | null;
    readonly phone: string | null;
    readonly userId: string | null;
  };
};

/**
 * The tools of one integration. Throws `AppError` with a TOOL_ code and a message that a person can
 * act on when its rows make no sense or its server cannot be reached: the others go on without it.
 */
export type OpenTools = (
  integration: Integration,
  caller: ToolCaller,
  signal: AbortSignal,
) => Promise<AgentTools>;

/** What opens integrations, joined where the program is composed. */
export type ToolServices = {
  readonly toolProviders: ReadonlyMap<ToolProvider, OpenTools>;
  readonly breakers: Breakers;
  readonly close: () => Promise<void>;
};
