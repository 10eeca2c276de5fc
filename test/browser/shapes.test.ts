import { sql } from "kysely";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openPage } from "../support/browser.ts";
import { startWorld } from "../support/start-world.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

test("a customer taps a button, a row and the location on the phone, and each tap is answered", async () => {
  await using world = await startWorld();
  const { chatbotId } = await world.createChatbot();
  await world.database.asOwner((db) =>
    sql`update chatbots set settings = '{"shapes": ["options", "link", "location"]}'
      where id = ${chatbotId}`.execute(db),
  );
  const options = (...titles: readonly string[]) => ({
    name: "reply_with_options",
    input: { options: titles.map((title) => ({ title })), list_button: "See all" },
  });
  world.simulator.models.queue(
    { text: "Which size?", toolCalls: [options("Small", "Large")] },
    { text: "Which pizza?", toolCalls: [options("Margherita", "Funghi", "Diavola", "Tonno")] },
    { text: "Where are you?", toolCalls: [{ name: "request_location", input: {} }] },
    {
      text: "On its way.",
      toolCalls: [
        { name: "send_link", input: { label: "Follow it", url: "https://example.com/12" } },
      ],
    },
  );
  const { page, problems } = await openPage(browser, {
    url: world.simulator.url,
    width: 390,
    height: 844,
  });
  await page.getByRole("link", { name: /Ana/u }).click();
  await page.getByRole("textbox", { name: "Message" }).fill("A pizza, please");
  await page.keyboard.press("Enter");

  await page.getByRole("button", { name: "Large" }).click();
  await page.getByText("See all").click();
  await page.getByRole("button", { name: "Funghi" }).click();
  await page.getByRole("button", { name: "Send location" }).click();
  const link = page.getByRole("link", { name: "Follow it" });
  await link.waitFor();

  expect(await link.getAttribute("href")).toBe("https://example.com/12");
  const asked = world.simulator.models.requests().map(({ turns }) => turns.at(-1)?.texts.join());
  expect(asked[1]).toMatch(/Answering your message: "Which size\?".*Large/su);
  expect(asked[2]).toMatch(/Answering your message: "Which pizza\?".*Funghi/su);
  expect(asked[3]).toMatch(/Answering your message: "Where are you\?".*Rossio/su);
  const overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
  expect(overflow).toBe(0);
  expect(problems).toEqual([]);
});
