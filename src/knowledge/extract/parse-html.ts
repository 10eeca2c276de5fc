import { parseHTML } from "linkedom";

/** The little of the DOM that extraction uses; the compiler's own DOM types belong to browsers. */
export type HtmlNode = {
  readonly nodeType: number;
  readonly textContent: string | null;
  readonly childNodes: Iterable<HtmlNode>;
};

/** An element; `localName` is lower case. */
export type HtmlElement = HtmlNode & {
  readonly localName: string;
  readonly parentNode: HtmlNode | null;
  readonly getAttribute: (name: string) => string | null;
  readonly setAttribute: (name: string, value: string) => void;
  readonly querySelector: (selector: string) => HtmlElement | null;
  readonly querySelectorAll: (selector: string) => Iterable<HtmlElement>;
  readonly replaceWith: (...nodes: (HtmlNode | string)[]) => void;
  readonly remove: () => void;
};

/** A parsed page. */
export type HtmlDocument = {
  readonly documentElement: HtmlElement;
  readonly body: HtmlElement;
  readonly title: string;
  readonly querySelector: (selector: string) => HtmlElement | null;
  readonly querySelectorAll: (selector: string) => Iterable<HtmlElement>;
};

const ELEMENT = 1;

/** Parses a page or a fragment of one; never fails, as browsers never do. */
export function parseHtml(html: string): HtmlDocument {
  // The parser makes no body of its own for fragments.
  const page = /<body[\s>]/i.test(html) ? html : `<html><body>${html}</body></html>`;
  const window: unknown = parseHTML(page);
  if (!hasDocument(window)) throw new TypeError("The HTML parser returned no document");
  return window.document;
}

/** Whether a node is an element. */
export function isElement(node: HtmlNode): node is HtmlElement {
  return node.nodeType === ELEMENT;
}

function hasDocument(value: unknown): value is { readonly document: HtmlDocument } {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "document") === "object"
  );
}
