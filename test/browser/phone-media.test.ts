import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openPage } from "../support/browser.ts";
import { picture, rowsOf } from "../support/media-rows.ts";
import { startWorld, type TestWorld } from "../support/start-world.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** The phone of a customer, in front of the whole product. */
async function openPhone(world: TestWorld, width = 1280) {
  const chatbot = await world.createChatbot();
  const url = `${world.simulator.url}/#ana`;
  const opened = await openPage(browser, { url, width, height: 844 });
  await opened.page.getByText("Connected").waitFor({ state: "attached" });
  return { ...opened, chatbot };
}

const answer = (page: Page, text: string | RegExp) =>
  page.getByRole("log", { name: "Messages" }).locator('[data-author="business"]').getByText(text);

test.for([1280, 390])(
  "a voice message of the phone (%d pixels) is heard and answered",
  async (width) => {
    await using world = await startWorld();
    const { page, problems } = await openPhone(world, width);
    await page.getByRole("button", { name: "Voice message", exact: true }).first().click();
    const panel = page.getByRole("region", { name: "Voice message" });
    await panel.getByRole("textbox", { name: "What you say" }).fill("Do you deliver to Rossio?");
    await panel.getByRole("button", { name: "Send voice message" }).click();
    await answer(page, /which says:\].*Do you deliver to Rossio\?/s).waitFor();
    expect(await panel.isVisible()).toBe(false);
    const length = page.locator(".voice-length");
    await expect.poll(() => length.textContent()).toBe("0:02");
    const [message] = await rowsOf(world, "messages");
    expect(message).toMatchObject({ type: "audio", content: "Do you deliver to Rossio?" });
    const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    expect(overflow).toBe(0);
    expect(problems).toEqual([]);
  },
);

test("a chosen picture is shown before it goes, and the model sees it with its caption", async () => {
  await using world = await startWorld();
  const { page, problems } = await openPhone(world);
  world.simulator.models.script(({ images }) => `I see ${images.length} picture.`);
  const file = { name: "cake.png", mimeType: "image/png", buffer: picture("cake") };
  await page.locator("#file").setInputFiles(file);
  await page.getByText("Photo · ").waitFor();
  await page.getByRole("textbox", { name: "Message" }).fill("In these colours?");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await answer(page, "I see 1 picture.").waitFor();
  expect(await page.getByText("Photo · ").isVisible()).toBe(false);
  const [request] = world.simulator.models.requests();
  expect(request?.texts.join()).toContain("In these colours?");
  expect(request?.images[0]?.base64).toBe(picture("cake").toString("base64"));
  expect(problems).toEqual([]);
});

test("a document is sent with its name, and a file that is taken away is not sent", async () => {
  await using world = await startWorld();
  const { page } = await openPhone(world);
  const file = (name: string) => ({
    name,
    mimeType: "text/plain",
    buffer: Buffer.from("The oven costs 900 euros."),
  });
  await page.locator("#file").setInputFiles(file("wrong.txt"));
  await page.getByRole("button", { name: "Do not send this file" }).click();
  await page.locator("#file").setInputFiles(file("offer.txt"));
  await page.getByText("Document · ").waitFor();
  await page.getByRole("textbox", { name: "Message" }).press("Enter");
  await answer(page, /The oven costs 900 euros\./).waitFor({ timeout: 40_000 });
  const names = (await rowsOf(world, "messages")).flatMap(({ data }) => JSON.stringify(data));
  expect(names.join()).toContain("offer.txt");
  expect(names.join()).not.toContain("wrong.txt");
});

test("a button of the business is tapped, and the tap is answered", async () => {
  await using world = await startWorld();
  const { page, chatbot } = await openPhone(world);
  await page.getByRole("textbox", { name: "Message" }).fill("Hello");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await answer(page, "You said: Hello").waitFor();
  const buttons = [{ type: "reply", reply: { id: "yes", title: "Yes, please" } }];
  await fetch(`${world.simulator.url}/v26.0/${chatbot.phoneNumberId}/messages`, {
    method: "POST",
    headers: { authorization: "Bearer token", "content-type": "application/json" },
    body: JSON.stringify({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: "+351912345678",
      type: "interactive",
      interactive: { type: "button", body: { text: "Shall I?" }, action: { buttons } },
    }),
  });
  await page.getByRole("button", { name: "Yes, please" }).click();
  await answer(page, /The customer tapped a button/).waitFor();
  expect(world.simulator.models.requests().at(-1)?.texts.join()).toContain('"id":"yes"');
});
