import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openPage } from "../support/browser.ts";
import { startProgram, type StartedProgram } from "../support/start-program.ts";

const PAGE = `<!doctype html><html lang="en"><head><title>Harbour Cinema: visiting us</title></head><body>
  <nav><a href="/">Home</a> <a href="/films">Films</a></nav>
  <main><h1>Visiting us</h1>
  <h2>Parking</h2><p>Parking behind the cinema is free for three hours after six in the evening.</p>
  <h2>Snacks</h2><p>The kiosk sells popcorn, nachos and lemonade until the last film begins.</p></main>
  <footer>Imprint</footer></body></html>`;

let browser: Browser;
let program: StartedProgram;
let website: Server;

beforeAll(async () => {
  website = createServer((_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8").end(PAGE);
  }).listen(0, "127.0.0.1");
  await once(website, "listening");
  // The website of this test is on this machine, where pages are not fetched from otherwise.
  [browser, program] = await Promise.all([
    launchBrowser(),
    startProgram({ FETCH_ALLOW_PRIVATE_ADDRESSES: "true" }),
  ]);
});
afterAll(async () => {
  website.close();
  await browser.close();
  await program[Symbol.asyncDispose]();
});

test("a page that was added by command is quoted with its source on the phone", async () => {
  const address = website.address();
  const port = typeof address === "object" ? address?.port : 0;
  const added = await program.run(
    "knowledge",
    "add",
    "--chatbot",
    "Parley demo",
    `http://127.0.0.1:${port}/visiting`,
    "--json",
  );
  expect(JSON.parse(added)).toMatchObject({ status: "synced", reason: null });

  const { page, problems } = await openPage(browser, {
    url: program.phoneUrl,
    width: 390,
    height: 844,
  });
  await page.getByRole("link", { name: /Ana Ribeiro/ }).click();
  await page
    .getByRole("textbox", { name: "Message" })
    .fill("Is parking behind the cinema free in the evening?");
  await page.getByRole("button", { name: "Send", exact: true }).click();

  const answer = page
    .getByRole("log", { name: "Messages" })
    .locator('[data-author="business"]')
    .first();
  await answer.waitFor();
  const text = await answer.locator(".text").textContent();
  expect(text).toContain("free for three hours after six in the evening");
  expect(text).toContain(`http://127.0.0.1:${port}/visiting`);
  expect(problems).toEqual([]);
});
