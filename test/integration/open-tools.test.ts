import { sql } from "kysely";
import pino from "pino";
import { expect, test, vi } from "vitest";
import type { AgentTool } from "#agent/agent-tool.ts";
import { ChatbotId, OrganizationId } from "#domain/ids.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import { systemClock } from "#platform/clock.ts";
import { createBreakers } from "#tools/create-breakers.ts";
import { ANA } from "#tools/integration-for-tests.ts";
import { openTools } from "#tools/open-tools.ts";
import { createTestPlatform, runParley } from "../support/run-parley.ts";
import { emptyDatabase } from "../support/test-database.ts";

const toolOf = (schema: JsonObject): AgentTool => ({
  description: "A tool.",
  inputSchema: { jsonSchema: schema },
  execute: () => Promise.resolve(null),
});
const GOOD = toolOf({ type: "object", properties: {} });
const BAD = toolOf({ type: "object", oneOf: [{ required: ["a"] }] });
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`get_${index}`, GOOD]));

test.for([
  ["a tool that no model takes", { bad: BAD, good: GOOD, better: GOOD }, 3],
  ["more tools than models take", many(200), 64],
] as const)(
  "an integration with %s costs no answer, and its row says why some are left out",
  async ([, tools, count]) => {
    const platform = createTestPlatform(await emptyDatabase(), {});
    const parley = (line: string) => runParley(platform, line.split(" "));
    await parley("chatbot create --name Support --phone-number-id 1 --access-token x");
    for (const name of ["crm", "shop"])
      await parley(
        `tool add ${name} --chatbot Support --provider http --url https://api.example.com/w`,
      );
    const rows = () =>
      platform.database.asOwner(async (db) => {
        const found = await sql<{ name: string; error_code: string | null; ids: string[] }>`
        select i.name, i.error_code, array[c.organization_id::text, c.chatbot_id::text] as ids
        from org_integrations i join chatbot_integrations c on c.integration_id = i.id
        order by i.name`.execute(db);
        return found.rows;
      });
    const [organizationId, chatbotId] = (await rows())[0]?.ids ?? [];

    const opened = await openTools(
      {
        db: platform.database.db,
        keyRing: platform.keyRing,
        clock: systemClock,
        logger: pino({ level: "silent" }),
        toolProviders: new Map([
          ["http", async ({ name }) => (name === "crm" ? tools : { shop: GOOD })],
        ]),
        breakers: createBreakers(systemClock),
      },
      {
        ...ANA,
        organizationId: OrganizationId.parse(organizationId),
        chatbotId: ChatbotId.parse(chatbotId),
      },
      AbortSignal.timeout(10_000),
    );

    expect(Object.keys(opened.tools)).toHaveLength(count);
    expect(Object.keys(opened.tools)).toContain("shop");
    expect(opened.notes).toEqual(["Some of the tools of crm cannot be used."]);
    await vi.waitFor(async () => {
      expect(await rows()).toMatchObject([
        { name: "crm", error_code: "TOOL_MISCONFIGURED" },
        { name: "shop", error_code: null },
      ]);
    });
  },
);
