import { joinBlocks, type DocumentBlock } from "#domain/document.ts";
import { createBlockList } from "./block-list.ts";
import { decodeText } from "./decode-text.ts";
import { documentError } from "./document-error.ts";
import type { ExtractionLimits } from "./extraction-limits.ts";
import type { ExtractedDocument, Extractor, InspectedFile } from "./extractor.ts";
import { findArticle, removeFurniture } from "./find-main-content.ts";
import { htmlToBlocks } from "./html-to-blocks.ts";
import { inlineText } from "./inline-text.ts";
import { parseHtml, type HtmlDocument, type HtmlElement } from "./parse-html.ts";

const BEGINNING =
  /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<(!doctype\s+html|html|head|body|title|meta|h[1-6]|p|div|table|article|section)[\s>]/i;

const ARTICLE_SHARE_MIN = 0.75;
const ARTICLE_SHARE_MAX = 0.95;
const MAIN_LENGTH_MIN = 200;

/** Web pages and HTML files: their main content, without menus, banners and footers. */
export const htmlExtractor: Extractor = {
  type: "html",
  sourceType: "text",
  mediaType: "text/html",
  recognises: ({ textStart }) => textStart !== null && BEGINNING.test(textStart),
  extract: extractHtml,
};

async function extractHtml(
  file: InspectedFile,
  limits: ExtractionLimits,
): Promise<ExtractedDocument> {
  const decoded = decodeText(file.bytes, file.charset);
  if (decoded === null) throw documentError("DOCUMENT_CORRUPT");
  const document = parseHtml(decoded.text);
  const title = findTitle(document);
  const links = { url: baseAddress(document, file.url) };
  removeFurniture(document);
  const toBlocks = (root: HtmlElement): readonly DocumentBlock[] => {
    const list = createBlockList(limits);
    htmlToBlocks(root, list, links);
    return list.finish();
  };
  const main = document.querySelector("main,[role=main]");
  const whole = toBlocks(main === null || isNearlyEmpty(main) ? document.body : main);
  const article = await findArticle(document); // changes the page
  const blocks = article === null ? whole : preferArticle(whole, toBlocks(article));
  if (blocks.length === 0) {
    throw documentError("DOCUMENT_WITHOUT_TEXT", {
      message:
        "The page holds no text; it may be built by scripts in the browser, or ask for a login. Save what it shows as PDF and upload that.",
    });
  }
  const warnings = decoded.hasLosses ? ["Some characters could not be read."] : [];
  return { title, pages: null, blocks, warnings };
}

/**
 * Readability often takes one of many sections for the article, and it flattens headings. To lose text
 * is worse than to keep a line too many, so its choice counts only when it holds most of the page but
 * leaves out something worth leaving out.
 */
function preferArticle(
  whole: readonly DocumentBlock[],
  article: readonly DocumentBlock[],
): readonly DocumentBlock[] {
  const share = joinBlocks(article).length / joinBlocks(whole).length;
  return share >= ARTICLE_SHARE_MIN && share <= ARTICLE_SHARE_MAX ? article : whole;
}

function isNearlyEmpty(element: HtmlElement): boolean {
  return (element.textContent ?? "").trim().length < MAIN_LENGTH_MIN;
}

function findTitle(document: HtmlDocument): string | null {
  const meta = document.querySelector('meta[property="og:title"]')?.getAttribute("content");
  const heading = document.querySelector("h1");
  const candidates = [
    document.title,
    meta,
    heading === null ? "" : inlineText([heading], "no links"),
  ];
  const title = candidates.find((text) => text != null && text.trim() !== "");
  return title?.replaceAll(/\s+/g, " ").trim() ?? null;
}

/** Where relative links lead from: what the page says in `<base>`, else its own address. */
function baseAddress(document: HtmlDocument, url: string | null): string | null {
  const base = document.querySelector("base[href]")?.getAttribute("href");
  if (base == null) return url;
  return URL.parse(base, url ?? undefined)?.href ?? url;
}
