import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openPage } from "../support/browser.ts";
import { startProgram, type StartedProgram } from "../support/start-program.ts";

let browser: Browser;
let program: StartedProgram;

beforeAll(async () => {
  [browser, program] = await Promise.all([launchBrowser(), startProgram()]);
});
afterAll(async () => {
  await browser.close();
  await program[Symbol.asyncDispose]();
});

test.for([
  ["a desktop", { width: 1280, height: 800 }],
  ["a phone", { width: 390, height: 844 }],
] as const)(
  "a newcomer at %s writes a message to the fresh product and is answered",
  async ([, size]) => {
    const { page, problems } = await openPage(browser, { url: program.phoneUrl, ...size });
    await page.getByRole("link", { name: /Kenji Tanaka/ }).click();
    const messages = page.getByRole("log", { name: "Messages" });
    const answers = messages.locator('[data-author="business"]');
    const before = await answers.count();

    await page.getByRole("textbox", { name: "Message" }).fill("Hello!");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText("The business is typing").waitFor();
    await answers.nth(before).waitFor();

    expect(await answers.nth(before).locator(".text").textContent()).toContain(
      "Hello! How can I help you?",
    );
    expect(problems).toEqual([]);
    await page.close();
  },
);

test("a burst of five messages gets one answer", async () => {
  const { page } = await openPage(browser, { url: program.phoneUrl, width: 1280, height: 800 });
  await page.getByRole("link", { name: /Fatima El Idrissi/ }).click();
  const messages = page.getByRole("log", { name: "Messages" });

  await page.getByRole("button", { name: "Send a burst of 5" }).click();
  await messages.locator('[data-author="business"]').first().waitFor();
  await page.getByRole("textbox", { name: "Message" }).fill("Thank you, goodbye!");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await messages.locator('[data-author="business"]').nth(1).waitFor();

  expect(
    await messages
      .locator("[data-author]")
      .evaluateAll((bubbles) => bubbles.map((bubble) => bubble.getAttribute("data-author"))),
  ).toEqual([...Array.from({ length: 5 }, () => "customer"), "business", "customer", "business"]);
  await page.close();
});

test("a voice message to the fresh product is heard", async () => {
  const { page } = await openPage(browser, { url: program.phoneUrl, width: 1280, height: 800 });
  await page.getByRole("link", { name: /Robin/ }).click();
  const answers = page.getByRole("log", { name: "Messages" }).locator('[data-author="business"]');

  await page.getByRole("button", { name: "Voice message", exact: true }).first().click();
  const panel = page.getByRole("region", { name: "Voice message" });
  await panel.getByRole("textbox", { name: "What you say" }).fill("Good morning!");
  await panel.getByRole("button", { name: "Send voice message" }).click();

  await answers.first().waitFor();
  expect(await answers.first().locator(".text").textContent()).toContain("How can I help you?");
  await page.close();
});
