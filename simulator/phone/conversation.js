import { drawBubble } from "./bubble.js";
import { previewOf } from "./chat-list.js";
import { byId, element, formatDay, paintAvatar } from "./dom.js";
import {
  currentCustomer,
  currentNumber,
  isFromBusiness,
  keyOf,
  markSeen,
  messagesOf,
  nameOf,
  send,
  state,
} from "./store.js";

/** @typedef {import("./store.js").Message} Message */

const log = byId("messages", HTMLOListElement);
const scroller = byId("scroller", HTMLElement);
const toBottom = byId("to-bottom", HTMLButtonElement);
const quoteBox = byId("quote", HTMLElement);
const textBox = byId("text", HTMLTextAreaElement);

/** @type {Message | null} */
let quoted = null;

/** Whether the reader is at the newest message, as of the last time the view moved. */
let readsAlong = true;

/** How near to the end counts as reading along, in pixels. */
const NEAR_END_PX = 120;

toBottom.addEventListener("click", () => scrollToEnd("smooth"));
scroller.addEventListener("scroll", noteReading, { passive: true });
// A growing composer, a keyboard or a picture that arrives must not push the newest message away.
const keepEnd = new ResizeObserver(() => {
  if (readsAlong) scrollToEnd("instant");
});
keepEnd.observe(scroller);
keepEnd.observe(log);
// On a touch screen a tap on a bubble shows what can be done with it.
log.addEventListener("click", (event) => {
  const tapped = event.target instanceof Element ? event.target.closest(".message") : null;
  for (const selected of log.querySelectorAll(".selected"))
    if (selected !== tapped) selected.classList.remove("selected");
  tapped?.classList.toggle("selected");
});
byId("quote-cancel", HTMLButtonElement).addEventListener("click", () => quote(null));

/** @param {unknown} error */
export function showFailure(error) {
  const toast = byId("toast", HTMLElement);
  toast.textContent =
    error instanceof TypeError
      ? "The simulator is not reachable."
      : String(error instanceof Error ? error.message : error);
  toast.hidden = false;
  setTimeout(() => {
    toast.hidden = true;
  }, 5000);
}

const deps = { onQuote: quote, onFailure: showFailure };

/** Draws the open conversation from scratch. */
export function drawConversation() {
  const number = currentNumber();
  const customer = currentCustomer();
  const business = number?.displayName ?? "No business yet";
  byId("business-name", HTMLElement).textContent = business;
  paintAvatar(byId("business-avatar", HTMLElement), number?.displayName ?? "");
  document.title =
    customer === undefined ? "Phone · Parley simulator" : `${nameOf(customer)} · Phone`;
  const messages = messagesOf(state.customerId);
  log.replaceChildren(
    ...messages.flatMap((message, index) => [
      ...drawDay(message, messages[index - 1]),
      drawBubble(message, deps),
    ]),
  );
  drawEmpty();
  quote(null);
  drawTyping();
  scrollToEnd("instant");
  markSeenIfVisible();
}

/**
 * Adds a message of the open conversation, or redraws the one that changed.
 *
 * @param {Message} message
 */
export function drawMessage(message) {
  const known = log.querySelector(`[data-id="${CSS.escape(message.id)}"]`);
  const follow = isNearEnd();
  const bubble = drawBubble(message, deps);
  if (known !== null) {
    replaceBubble(known, bubble);
  } else {
    const messages = messagesOf(state.customerId);
    log.append(...drawDay(message, messages.at(-2)), bubble);
    drawEmpty();
    // Only news is read out, not history and not a tick that changes.
    if (isFromBusiness(message.author))
      byId("announcer", HTMLElement).textContent = `Business: ${previewOf(message.content)}`;
  }
  if (follow || (known === null && message.author === "customer"))
    scrollToEnd(known === null ? "smooth" : "instant");
  showToBottom();
  markSeenIfVisible();
}

/**
 * Keeps what the reader was doing inside the bubble: focus, an open list, a selection.
 *
 * @param {Element} known
 * @param {HTMLLIElement} bubble
 */
function replaceBubble(known, bubble) {
  const focused = [...known.querySelectorAll("button")].findIndex(
    (button) => button === document.activeElement,
  );
  const isListOpen = known.querySelector("details[open]") !== null;
  bubble.classList.add("known");
  bubble.classList.toggle("selected", known.classList.contains("selected"));
  known.replaceWith(bubble);
  bubble.querySelector("details")?.toggleAttribute("open", isListOpen);
  if (focused !== -1) bubble.querySelectorAll("button")[focused]?.focus({ preventScroll: true });
}

/** Shows or hides that the business is typing. */
export function drawTyping() {
  const customer = currentCustomer();
  const typing = customer !== undefined && state.typing.has(keyOf(customer.id));
  byId("typing", HTMLElement).hidden = !typing;
  const subtitle = byId("chat-subtitle", HTMLElement);
  subtitle.textContent = typing
    ? "typing…"
    : customer === undefined
      ? ""
      : `You write as ${nameOf(customer)}`;
  subtitle.classList.toggle("accent", typing);
}

/** A message counts as seen when its conversation is on the screen. */
export function markSeenIfVisible() {
  const onScreen = document.visibilityState === "visible" && scroller.offsetParent !== null;
  if (onScreen) markSeen();
}

/** @returns {string | null} The message that the next one quotes; it is used up by asking. */
export function takeQuotedId() {
  const id = quoted?.id ?? null;
  quote(null);
  return id;
}

/** @param {Message | null} message */
export function quote(message) {
  quoted = message;
  quoteBox.hidden = message === null;
  if (message === null) return;
  byId("quote-author", HTMLElement).textContent = isFromBusiness(message.author)
    ? "Business"
    : "You";
  byId("quote-text", HTMLElement).textContent = previewOf(message.content);
  textBox.focus();
}

/** @param {Message} message @param {Message | undefined} before */
function drawDay(message, before) {
  const day = formatDay(message.atMs);
  return before !== undefined && formatDay(before.atMs) === day
    ? []
    : [element("li", { class: "day" }, day)];
}

/** Words to start with; one in the person's own language. @type {Record<string, string[]>} */
const SUGGESTIONS = {
  ana: [
    "Hello!",
    "What can you do?",
    "Olá! Estão abertos hoje?",
    "I would like to talk to a person",
  ],
  kenji: ["Hi there", "What are your opening hours?", "Can you show me an example?"],
  fatima: ["Good morning", "Bonjour, vous livrez à domicile ?", "How much is delivery?"],
};
const SUGGESTIONS_DEFAULT = ["Hello!", "What can you do?", "What are your opening hours?"];

function drawEmpty() {
  const customer = currentCustomer();
  const number = currentNumber();
  const empty = byId("empty", HTMLElement);
  empty.hidden = messagesOf(state.customerId).length > 0;
  if (empty.hidden) return;
  const title = byId("empty-title", HTMLElement);
  const text = byId("empty-text", HTMLElement);
  const suggestions = byId("suggestions", HTMLElement);
  const avatar = byId("empty-avatar", HTMLElement);
  if (number === undefined || customer === undefined) {
    title.textContent = number === undefined ? "No business number yet" : "Who are you today?";
    text.textContent =
      number === undefined
        ? "Create a chatbot, and its number appears here by itself."
        : "Choose a person on the left and write as them.";
    suggestions.replaceChildren();
    avatar.hidden = true;
    return;
  }
  avatar.hidden = false;
  paintAvatar(avatar, nameOf(customer));
  title.textContent = `Say something as ${nameOf(customer).split(" ")[0] ?? ""}`;
  text.textContent =
    customer.phone === null
      ? `${number.displayName} does not see a phone number: this person hides it behind @${customer.username ?? customer.id}.`
      : `${number.displayName} gets it like a real WhatsApp message, and answers here.`;
  suggestions.replaceChildren(
    ...(SUGGESTIONS[customer.id] ?? SUGGESTIONS_DEFAULT).map((words) => {
      const button = element("button", { type: "button", class: "suggestion" }, words);
      button.addEventListener("click", () =>
        send({ type: "text", text: words }).catch(showFailure),
      );
      return button;
    }),
  );
}

function isNearEnd() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;
}

function noteReading() {
  readsAlong = isNearEnd();
  showToBottom();
}

function showToBottom() {
  toBottom.hidden = isNearEnd();
}

/** @param {"smooth" | "instant"} behavior */
function scrollToEnd(behavior) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scroller.scrollTo({ top: scroller.scrollHeight, behavior: calm ? "instant" : behavior });
}
