import { z } from "zod";
import { asSystem } from "#store/as-tenant.ts";
import { listOrganizations } from "#store/organizations.ts";
import { defineCommand } from "./command.ts";

/** `organization list`. */
export const organizationList = defineCommand({
  name: "organization list",
  summary: "Show all organizations, with what they have used in this billing period.",
  examples: ["./parley organization list", "./parley organization list --json"],
  input: z.strictObject({}),
  view: {
    kind: "table",
    columns: ["id", "name", "slug", "chatbots", "messages", "messageLimit", "tokens", "tokenLimit"],
    whenEmpty: "There is no organization yet. `./parley chatbot create` makes one.",
  },
  async *run(deps) {
    const rows = await asSystem(deps.database.db, listOrganizations);
    for (const row of rows) yield { ...row, createdAt: row.createdAt.toISOString() };
  },
});
