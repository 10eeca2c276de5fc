import { sql } from "kysely";
import { expect, test } from "vitest";
import { startSlack } from "../support/start-slack.ts";
import { startWorld } from "../support/start-world.ts";

test("an organization that reaches its message limit is switched off, with one alert to Slack, and comes back when the limit is raised", async () => {
  await using slack = await startSlack();
  await using world = await startWorld({ SLACK_WEBHOOK_URL: slack.url });
  const { simulator } = world;
  const { phoneNumberId, organizationId } = await world.createChatbot();
  const setLimit = (messages: number) =>
    world.database.asOwner((db) =>
      sql`update organizations set message_limit_monthly = ${messages} where id = ${organizationId}`.execute(
        db,
      ),
    );
  const write = (text: string) =>
    simulator.customerSends({ phoneNumberId, customer: "ana", content: { type: "text", text } });
  await setLimit(2);

  for (const text of ["one", "two"]) {
    write(text);
    await simulator.nextReply("ana");
  }
  expect(JSON.stringify(await slack.nextPost())).toContain("QUOTA_");
  await write("three").acknowledged;
  await setLimit(10);
  write("four");
  await simulator.nextReply("ana");

  expect(simulator.sent.map((message) => message.text)).toEqual([
    expect.stringContaining("one"),
    expect.stringContaining("two"),
    expect.stringContaining("four"),
  ]);
});
