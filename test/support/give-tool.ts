import { sql } from "kysely";
import type { Database } from "#store/database.ts";
import type { TestChatbot } from "./create-test-chatbot.ts";

/** An integration as somebody would write it by SQL. */
export type GivenTool = {
  readonly provider: "builtin" | "mcp" | "windmill" | "http";
  readonly name: string;
  readonly description?: string;
  readonly credentials?: object;
  readonly settings?: object;
  readonly toolConfig?: object;
};

/** The specification's two rows; returns the integration's id. */
export async function giveTool(
  database: Database,
  { organizationId, chatbotId }: TestChatbot,
  tool: GivenTool,
): Promise<string> {
  return database.asOwner(async (db) => {
    const { rows } = await sql<{ id: string }>`
      insert into org_integrations (organization_id, provider, name, description, credentials, settings)
      values (${organizationId}, ${tool.provider}, ${tool.name}, ${tool.description ?? "A tool."},
        ${JSON.stringify(tool.credentials ?? {})}::text::jsonb, ${JSON.stringify(tool.settings ?? {})}::text::jsonb)
      returning id`.execute(db);
    const id = rows[0]?.id ?? "";
    await sql`insert into chatbot_integrations (chatbot_id, integration_id, enabled, tool_config)
      values (${chatbotId}, ${id}, true, ${JSON.stringify(tool.toolConfig ?? {})}::text::jsonb)`.execute(
      db,
    );
    return id;
  });
}
