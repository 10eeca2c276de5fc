import { isElement, parseHtml, type HtmlDocument, type HtmlElement } from "./parse-html.ts";

/** What is never content, by its meaning. */
const FURNITURE =
  "nav,aside,form:not(:has(table,h1,h2,article)),dialog,script,style,noscript,template,iframe,object,svg,canvas,button," +
  "[hidden],[style*='display:none'],[style*='display: none'],[aria-hidden=true],[role=navigation],[role=banner],[role=contentinfo],[role=search],[role=dialog],[role=alertdialog],[role=menu],[role=complementary]";
/** What is furniture unless it belongs to an article. */
const FRAME = "header,footer";
/** How sites name their furniture in `id` and `class`. */
const FURNITURE_NAMES =
  /(^|[\s_-])(nav|navbar|navigation|menu|breadcrumbs?|sidebar|cookies?|consent|gdpr|share|sharing|social|related|newsletter|advert|ads|banner|popup|modal|skip-link|toc|pagination|site-?footer|site-?header|footer|masthead)([\s_-]|$)/i;
/** A part that names itself so but holds this share of the page's text is the page. */
const FURNITURE_SHARE_MAX = 0.4;
/** Mostly links, and at least this many: a menu without a name. */
const MENU_LINKS_MIN = 4;
const MENU_LINK_SHARE = 0.8;

/** Readability needs minutes for deep nesting (6 s for 1,000 levels), and much for huge pages. */
const READABILITY_DEPTH_MAX = 150;
const READABILITY_ELEMENTS_MAX = 30_000;

/** Takes menus, banners, footers, forms and scripts out of a page. */
export function removeFurniture(document: HtmlDocument): void {
  for (const element of document.querySelectorAll(FURNITURE)) element.remove();
  for (const element of document.querySelectorAll(FRAME)) {
    if (!isInside(element, /^(article|main|section|blockquote|figure)$/)) element.remove();
  }
  const wholeLength = textLength(document.body);
  for (const element of document.body.querySelectorAll("[id],[class],ul,div")) {
    if (isFurniture(element, wholeLength)) element.remove();
  }
}

/**
 * The article of a page as Readability sees it, or null. Changes the page. A page too deep or too
 * large for it has none.
 */
export async function findArticle(document: HtmlDocument): Promise<HtmlElement | null> {
  const size = measure(document.documentElement);
  if (size.depth > READABILITY_DEPTH_MAX || size.elements > READABILITY_ELEMENTS_MAX) return null;
  const { Readability } = await import("@mozilla/readability");
  const content = new Readability(document, { disableJSONLD: true }).parse()?.content;
  return typeof content === "string" ? parseHtml(content).body : null;
}

function isFurniture(element: HtmlElement, wholeLength: number): boolean {
  const length = textLength(element);
  if (length > wholeLength * FURNITURE_SHARE_MAX) return false;
  if (/^(html|body|main|article|h[1-6]|table|td)$/.test(element.localName)) return false;
  const names = `${element.getAttribute("id") ?? ""} ${element.getAttribute("class") ?? ""}`;
  return FURNITURE_NAMES.test(names) || isMenu(element, length);
}

function isMenu(element: HtmlElement, length: number): boolean {
  if (element.localName !== "ul" && element.localName !== "div") return false;
  const links = [...element.querySelectorAll("a")];
  if (links.length < MENU_LINKS_MIN || isInside(element, /^(article|main)$/)) return false;
  const linked = links.reduce((sum, link) => sum + textLength(link), 0);
  return linked >= length * MENU_LINK_SHARE;
}

function isInside(element: HtmlElement, names: RegExp): boolean {
  for (let node = element.parentNode; node !== null && isElement(node); node = node.parentNode) {
    if (names.test(node.localName)) return true;
  }
  return false;
}

function textLength(element: HtmlElement): number {
  return (element.textContent ?? "").replaceAll(/\s+/g, " ").length;
}

/** Counts without recursion, so that no depth is too deep to be measured. */
function measure(root: HtmlElement): { readonly depth: number; readonly elements: number } {
  let level: HtmlElement[] = [root];
  let depth = 0;
  let elements = 0;
  while (level.length > 0) {
    depth += 1;
    elements += level.length;
    level = level.flatMap((element) => [...element.childNodes].filter(isElement));
  }
  return { depth, elements };
}
