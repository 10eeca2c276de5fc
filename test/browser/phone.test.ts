import fastify from "fastify";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { createSimulator, type Simulator } from "../../simulator/create-simulator.ts";
import { launchBrowser, openPage } from "../support/browser.ts";

const NUMBER = "1000000001";
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

test("a message gets its ticks, the business types, and the answer appears", async () => {
  const bot = await startBot();
  const { page, problems } = await open(bot, DESKTOP);
  const answered = bot.hold();

  await write(page, "Hello *there*");
  const mine = bubbles(page, "customer").first();
  await mine.getByTitle("Read").waitFor();
  await page.getByText("The business is typing").waitFor();
  expect(await mine.locator("strong").textContent()).toBe("there");
  answered();

  await bubbles(page, "business").getByText("You said: Hello there").waitFor();
  await page.getByText("The business is typing").waitFor({ state: "hidden" });
  expect(await page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("");
  expect(problems).toEqual([]);
});

test("a message that the webhook refuses says so, and is delivered once it is accepted", async () => {
  const bot = await startBot();
  const { page } = await open(bot, DESKTOP);
  bot.refuse(true);
  await write(page, "Hello?");
  await page.getByText("it answers 401; check the app secret").waitFor();
  await bubbles(page, "customer").getByTitle("On its way").waitFor();
  bot.refuse(false);
  await bubbles(page, "business").first().waitFor();
  expect(await page.getByText("check the app secret").count()).toBe(0);
});

test("a burst of five arrives as five messages in order", async () => {
  const bot = await startBot();
  const { page } = await open(bot, DESKTOP);
  await page.getByRole("button", { name: "Send a burst of 5" }).click();
  await bubbles(page, "business").nth(4).waitFor();
  const texts = await bubbles(page, "customer").locator(".text").allTextContents();
  expect(texts).toHaveLength(5);
  expect(bot.heard()).toEqual(texts);
});

test("each person has a conversation of their own, with unread answers counted", async () => {
  const bot = await startBot();
  const { page, problems } = await open(bot, DESKTOP);
  await page.getByRole("link", { name: /Robin/u }).click();
  await page.getByRole("group", { name: "Suggestions" }).getByRole("button").first().click();
  await bubbles(page, "business").first().waitFor();
  const answered = bot.hold();
  await write(page, "Second");
  await bubbles(page, "customer").nth(1).getByTitle("Read").waitFor();
  await page.getByRole("link", { name: /Kenji Tanaka/u }).click();
  // the address changes first, and the chat with it
  await expect.poll(() => bubbles(page, "customer").count()).toBe(0);
  answered();
  await page.getByRole("link", { name: /Robin.*1 unread/u }).click();
  await expect.poll(() => bubbles(page, "customer").count()).toBe(2);
  await page.getByRole("link", { name: /Robin.*unread/u }).waitFor({ state: "hidden" });
  await page.reload();
  await bubbles(page, "business").nth(1).waitFor();
  expect(problems).toEqual([]);
});

test("on a phone the list and the chat take turns, and nothing is wider than the screen", async () => {
  const bot = await startBot();
  const { page, problems } = await open(bot, PHONE);
  expect(await page.getByRole("textbox", { name: "Message" }).isVisible()).toBe(false);
  await page.getByRole("link", { name: /Fatima/u }).click();
  await write(page, `A long word: ${"x".repeat(300)}`);
  await bubbles(page, "business").first().waitFor();
  const overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
  expect(overflow).toBe(0);
  await page.goBack();
  expect(await page.getByRole("link", { name: /Fatima/u }).isVisible()).toBe(true);
  expect(await page.getByRole("textbox", { name: "Message" }).isVisible()).toBe(false);
  expect(problems).toEqual([]);
});

test("what a person writes is never run or shown as markup of the page", async () => {
  const bot = await startBot();
  const { page, problems } = await open(bot, DESKTOP);
  const hostile = '<img src=x onerror="document.title = 1"> [x](javascript:alert(1)) <b>bold</b>';
  await write(page, hostile);
  await bubbles(page, "business").first().waitFor();
  expect(await bubbles(page, "customer").locator(".text").textContent()).toBe(hostile);
  expect(await page.locator(".messages img, .messages b, .messages a").count()).toBe(0);
  expect(problems).toEqual([]);
});

test("WhatsApp's formatting is shown as formatting", async () => {
  const bot = await startBot();
  const { page } = await open(bot, DESKTOP);
  await write(
    page,
    "*bold* _it *both*_ ~no~ `2*3*4` snake_case_name 2*3*4\n- one\n- two\n1. first\n> quoted\n```\ncode *raw*\n```\nhttps://example.org/a_b_c.",
  );
  const text = bubbles(page, "customer").first().locator(".text");
  expect(await text.locator("strong").allTextContents()).toEqual(["bold", "both"]);
  expect(await text.locator("em").allTextContents()).toEqual(["it both"]);
  expect(await text.locator("s").allTextContents()).toEqual(["no"]);
  expect(await text.locator("code").allTextContents()).toEqual(["2*3*4", "code *raw*"]);
  expect(await text.locator("ul > li").allTextContents()).toEqual(["one", "two"]);
  expect(await text.locator("ol > li").allTextContents()).toEqual(["first"]);
  expect(await text.locator("blockquote").textContent()).toBe("quoted");
  expect(await text.locator("a").getAttribute("href")).toBe("https://example.org/a_b_c");
  expect(await text.textContent()).toContain("snake_case_name 2*3*4");
});

test("a quoted reply, a button and a reaction reach the business", async () => {
  const bot = await startBot();
  const { page } = await open(bot, DESKTOP);
  await write(page, "buttons");
  const offer = bubbles(page, "business").first();
  await offer.getByRole("button", { name: "Yes" }).click();
  await bubbles(page, "business").nth(1).waitFor();
  await offer.hover();
  await offer.getByRole("button", { name: "React with a heart" }).click();
  await offer.getByText("❤️").waitFor();
  await offer.getByRole("button", { name: "Quote this message" }).click();
  await write(page, "About this");
  await bubbles(page, "customer").nth(2).getByText("Choose one").waitFor();
  expect(bot.heard()).toEqual(["buttons", "(button_reply)", "(reaction)", "About this"]);
});

test("the fault switches reach the simulator and show what is on", async () => {
  const bot = await startBot();
  const { page, problems } = await open(bot, PHONE);
  await page.getByRole("button", { name: "Fault switches" }).click();
  await page.getByRole("switch", { name: /Deliver everything twice/u }).check();
  await page.getByRole("button", { name: /Cut after taken/u }).click();
  await page.getByRole("button", { name: /Cut after taken.*1 waiting/u }).waitFor();
  expect(bot.simulator.faults()).toMatchObject({
    graph: { next: ["drop-after"] },
    webhooks: { duplicates: 1 },
  });
  await page.getByRole("button", { name: "All faults off" }).click();
  await page.getByRole("button", { name: /waiting/u }).waitFor({ state: "hidden" });
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Fault switches" }).waitFor({ state: "hidden" });
  expect(problems).toEqual([]);
});

test("a simulator that is gone is called so, and what was typed stays", async () => {
  const bot = await startBot();
  const { page } = await open(bot, DESKTOP);
  await page.getByRole("textbox", { name: "Message" }).fill("Are you there?");
  await bot.simulator.close();
  await page.getByText("Simulator not reachable").first().waitFor();
  expect(await page.getByRole("button", { name: "Send", exact: true }).isDisabled()).toBe(true);
  await page.getByRole("textbox", { name: "Message" }).press("Enter");
  expect(await page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("Are you there?");
});

/** A business of a few lines: marks as read, types, and repeats what it hears. */
type Bot = {
  readonly simulator: Simulator;
  /** Lets the answers wait until the returned function is called. */
  readonly hold: () => () => void;
  readonly refuse: (refusing: boolean) => void;
  readonly heard: () => readonly string[];
};

const webhookSchema = z.object({
  entry: z.tuple([
    z.object({
      changes: z.tuple([
        z.object({ value: z.object({ messages: z.array(messageSchema()).default([]) }) }),
      ]),
    }),
  ]),
});

function messageSchema() {
  return z.object({
    id: z.string(),
    from: z.string().optional(),
    from_user_id: z.string().optional(),
    text: z.object({ body: z.string() }).optional(),
    interactive: z.object({ type: z.string() }).optional(),
    type: z.string(),
  });
}

async function startBot(): Promise<Bot> {
  const heard: string[] = [];
  let refusing = false;
  let gate = Promise.resolve();
  const app = fastify();
  app.post("/webhook", (request, reply) => {
    if (refusing) return reply.code(401).send();
    for (const message of webhookSchema.parse(request.body).entry[0].changes[0].value.messages) {
      heard.push(message.text?.body ?? `(${message.interactive?.type ?? message.type})`);
      if (message.type !== "reaction") void answer(message);
    }
    return reply.send();
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const simulator = await createSimulator({
    port: 0,
    webhookUrl: `${url}/webhook`,
    appSecret: "secret",
    phoneNumbers: [{ phoneNumberId: NUMBER, displayName: "Corner Bakery" }],
    webhookRetryDelayMs: 100,
    webhookRetryDelayMaxMs: 100,
  });
  onTestFinished(async () => {
    await simulator.close();
    await app.close();
  });
  const post = (body: Record<string, unknown>) =>
    fetch(`${simulator.url}/v26.0/${NUMBER}/messages`, {
      method: "POST",
      headers: { authorization: "Bearer token", "content-type": "application/json" },
      body: JSON.stringify({ messaging_product: "whatsapp", ...body }),
    });
  async function answer(message: z.infer<ReturnType<typeof messageSchema>>): Promise<void> {
    await post({ status: "read", message_id: message.id, typing_indicator: { type: "text" } });
    await gate;
    const to =
      message.from === undefined ? { recipient: message.from_user_id } : { to: `+${message.from}` };
    const text = message.text?.body ?? message.type;
    await post({
      ...to,
      ...(text === "buttons" ? OFFER : { type: "text", text: { body: `You said: ${text}` } }),
    });
  }
  return {
    simulator,
    heard: () => heard,
    refuse: (next) => {
      refusing = next;
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
}

const OFFER = {
  type: "interactive",
  interactive: {
    type: "button",
    body: { text: "Choose one" },
    action: {
      buttons: ["Yes", "No"].map((title) => ({ type: "reply", reply: { id: title, title } })),
    },
  },
};

async function open(bot: Bot, size: { width: number; height: number }) {
  const opened = await openPage(browser, { url: bot.simulator.url, ...size });
  onTestFinished(() => opened.page.context().close());
  await opened.page.getByText("Connected").waitFor({ state: "attached" });
  return opened;
}

async function write(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

function bubbles(page: Page, author: "customer" | "business"): Locator {
  return page.getByRole("log", { name: "Messages" }).locator(`[data-author="${author}"]`);
}
