import type { HistoryEntry } from "#domain/conversation.ts";
import type { OutboundShape } from "#domain/outbound.ts";

/** What of an answered message is quoted: enough to tell which one is meant. */
const QUOTE_LENGTH_MAX = 200;

/** Types that answer a button, a row of a list or a request for the location. */
const TAPPED = new Set(["interactive", "button", "location"]);

/** What the bot's message offered besides its words, for the model to read; null for nothing. */
export function describeOffer({ shape }: Pick<HistoryEntry, "shape">): string | null {
  return shape === undefined ? null : `[You offered ${nameShape(shape)}]`;
}

/** Which message a person's tap or quote answers, for the model to read; null when they named none. */
export function describeAnswered({
  type,
  repliesTo,
}: Pick<HistoryEntry, "type" | "repliesTo">): string | null {
  if (repliesTo === undefined || repliesTo.text.trim() === "") return null;
  const whose = { bot: "your", human: "the colleague's", customer: "their own" }[repliesTo.author];
  const did = TAPPED.has(type) ? "Answering" : "Quoting";
  return `[${did} ${whose} message: ${JSON.stringify(shorten(repliesTo.text))}]`;
}

function nameShape(shape: OutboundShape): string {
  switch (shape.type) {
    case "buttons":
      return `the buttons ${quoteAll(shape.buttons)}`;
    case "list":
      return `a list to choose from: ${quoteAll(shape.rows)}`;
    case "link":
      return `the button ${JSON.stringify(shape.label)}, which opens ${shape.url}`;
    case "location-request":
      return "a button that sends the customer's location";
  }
}

function quoteAll(options: readonly { readonly title: string }[]): string {
  return options.map(({ title }) => JSON.stringify(title)).join(", ");
}

function shorten(text: string): string {
  const characters = Array.from(text.replaceAll(/\s+/g, " ").trim());
  return characters.length <= QUOTE_LENGTH_MAX
    ? characters.join("")
    : `${characters.slice(0, QUOTE_LENGTH_MAX).join("")}…`;
}
