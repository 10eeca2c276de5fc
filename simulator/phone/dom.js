/**
 * Builds an element. Texts become text nodes, never HTML, so nothing a person writes can run.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | undefined>} [attributes] `true` sets an empty attribute, `false` and `undefined` none.
 * @param {(Node | string | null | undefined)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * A symbol of the page's sprite; decoration only.
 *
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", name.startsWith("tick") ? "tick-icon" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/**
 * The page's own element with this id.
 *
 * @template {typeof HTMLElement} Kind
 * @param {string} id
 * @param {Kind} kind
 * @returns {InstanceType<Kind>}
 */
export function byId(id, kind) {
  const node = document.getElementById(id);
  if (!(node instanceof kind)) throw new Error(`The page has no ${id}.`);
  return /** @type {InstanceType<Kind>} */ (node);
}

/**
 * Draws somebody's initials on a colour that is always the same for the name.
 *
 * @param {HTMLElement} node
 * @param {string} name
 */
export function paintAvatar(node, name) {
  const words = name.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const initials = [words[0], words.length > 1 ? words.at(-1) : undefined];
  node.textContent = initials
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("")
    .toUpperCase();
  let sum = 0;
  for (const letter of name) sum += letter.codePointAt(0) ?? 0;
  // The golden angle keeps neighbouring numbers far apart on the colour wheel.
  node.style.setProperty("--hue", ((sum * 137.508) % 360).toFixed(0));
}

/**
 * @param {number} atMs
 * @returns {string} Hours and minutes as the reader writes them.
 */
export function formatTime(atMs) {
  return new Date(atMs).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/**
 * @param {number} atMs
 * @returns {string} Today, Yesterday, or the date.
 */
export function formatDay(atMs) {
  const day = new Date(atMs).toDateString();
  if (day === new Date().toDateString()) return "Today";
  if (day === new Date(Date.now() - 86_400_000).toDateString()) return "Yesterday";
  return new Date(atMs).toLocaleDateString([], { day: "numeric", month: "long", year: "numeric" });
}
