import { chromium, type Browser, type Page } from "playwright-core";

/** Where Debian's package puts it. */
const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** No sandbox, because containers run as root; nothing that talks to the outside world. */
const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A page, and what went wrong in it: uncaught errors and errors on its console. */
export type OpenPage = { readonly page: Page; readonly problems: readonly string[] };

/** Starts Chromium; close the browser with the test. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/** Opens an address in a fresh profile of the given size, in pixels. */
export async function openPage(
  browser: Browser,
  options: { readonly url: string; readonly width: number; readonly height: number },
): Promise<OpenPage> {
  const { url, width, height } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    hasTouch: width < 600,
    locale: "en-GB",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(url);
  return { page, problems };
}
