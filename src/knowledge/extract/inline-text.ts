import { isElement, type HtmlElement, type HtmlNode } from "./parse-html.ts";

const SKIPPED = new Set("script style template noscript svg select textarea button".split(" "));
const SEPARATE = new Set(
  "p div li dt dd tr h1 h2 h3 h4 h5 h6 ul ol table section blockquote".split(" "),
);
/** The way from a note back to its place. */
const BACK_LINK = /^(?:[↑↩⤴^\s]|\uFE0E|\uFE0F)+$/u;
const DEPTH_MAX = 400;

/** Where relative links lead from (null: nowhere, so they become text), or that all become text. */
export type LinkBase = { readonly url: string | null } | "no links";

/**
 * The text of inline nodes: white space as a browser would show it, line breaks kept, links as
 * `[text](address)` so that a chatbot can pass them on.
 */
export function inlineText(nodes: Iterable<HtmlNode>, links: LinkBase): string {
  const parts: string[] = [];
  for (const node of nodes) collect(node, { parts, links }, 0);
  return parts
    .join("")
    .replaceAll(/[^\S\n]+/g, " ")
    .replaceAll(/ ?\n ?/g, "\n")
    .replaceAll(/\n{2,}/g, "\n")
    .trim();
}

type Collected = { readonly parts: string[]; readonly links: LinkBase };

function collect(node: HtmlNode, to: Collected, depth: number): void {
  if (!isElement(node)) {
    if (node.nodeType === 3) to.parts.push((node.textContent ?? "").replaceAll(/\s+/g, " "));
    return;
  }
  if (SKIPPED.has(node.localName)) return;
  if (node.localName === "sup" && node.querySelector('a[href^="#"]') !== null) return; // a note's number
  if (node.localName === "br") to.parts.push("\n");
  else if (depth > DEPTH_MAX) to.parts.push(node.textContent ?? "");
  else if (node.localName === "a") collectLink(node, to, depth);
  else {
    const separator = SEPARATE.has(node.localName) ? "\n" : "";
    to.parts.push(separator);
    for (const child of node.childNodes) collect(child, to, depth + 1);
    // Cells of a table that is read as text are words apart.
    to.parts.push(/^t[dh]$/.test(node.localName) ? " " : separator);
  }
}

function collectLink(node: HtmlElement, to: Collected, depth: number): void {
  const inner: Collected = { parts: [], links: "no links" };
  for (const child of node.childNodes) collect(child, inner, depth + 1);
  const text = inner.parts.join("");
  if (BACK_LINK.test(text)) return;
  const address = resolveLink(node.getAttribute("href"), to.links);
  const isWorthIt = address !== null && /[\p{L}\p{N}]/u.test(text) && text.trim() !== address;
  to.parts.push(isWorthIt ? `[${text.trim()}](${address})` : text);
  if (isWorthIt && /\s$/.test(text)) to.parts.push(" ");
}

/** Absolute addresses only; a place in the same page leads nowhere from outside. */
function resolveLink(href: string | null, links: LinkBase): string | null {
  if (links === "no links" || href === null || href.trim() === "" || href.startsWith("#"))
    return null;
  const url = URL.parse(href.trim(), links.url ?? undefined);
  if (url === null || !/^(https?|mailto|tel):$/.test(url.protocol)) return null;
  return url.href;
}
