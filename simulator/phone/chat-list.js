import { byId, element, formatTime, icon, paintAvatar } from "./dom.js";
import { plainText } from "./markup.js";
import { chooseNumber, keyOf, messagesOf, nameOf, state, unreadOf } from "./store.js";

/** @typedef {import("./store.js").Customer} Customer */
/** @typedef {import("./store.js").Message} Message */
/** @typedef {import("./store.js").Content} Content */

const list = byId("people", HTMLUListElement);
const numberRow = byId("number-row", HTMLElement);
const numberSelect = byId("number", HTMLSelectElement);

numberSelect.addEventListener("change", () => chooseNumber(numberSelect.value));

/** Draws the list of people and the choice of the business number. */
export function drawChatList() {
  drawNumbers();
  const focused =
    document.activeElement instanceof HTMLElement
      ? document.activeElement.dataset["customer"]
      : undefined;
  list.replaceChildren(...state.customers.map(drawPerson));
  if (focused !== undefined) {
    const link = list.querySelector(`[data-customer="${CSS.escape(focused)}"]`);
    if (link instanceof HTMLElement) link.focus({ preventScroll: true });
  }
}

function drawNumbers() {
  numberRow.hidden = state.numbers.length < 2;
  numberSelect.replaceChildren(
    ...state.numbers.map((number) =>
      element(
        "option",
        { value: number.phoneNumberId, selected: number.phoneNumberId === state.phoneNumberId },
        `${number.displayName} · ${number.displayPhoneNumber}`,
      ),
    ),
  );
}

/** @param {Customer} customer */
function drawPerson(customer) {
  const name = nameOf(customer);
  const avatar = element("span", { class: "avatar", "aria-hidden": "true" });
  paintAvatar(avatar, name);
  const last = messagesOf(customer.id).at(-1);
  const unread = unreadOf(customer.id);
  const isOpen = customer.id === state.customerId;
  return element(
    "li",
    {},
    element(
      "a",
      {
        href: `#${encodeURIComponent(customer.id)}`,
        class: "person",
        "data-customer": customer.id,
        "aria-current": isOpen ? "true" : undefined,
      },
      avatar,
      element(
        "span",
        { class: "person-text" },
        element("span", { class: "person-name" }, name),
        element("span", { class: "person-preview" }, ...drawPreview(customer, last)),
      ),
      element(
        "span",
        { class: "person-side" },
        element("time", {}, last === undefined ? "" : formatTime(last.atMs)),
        unread > 0 && !isOpen
          ? element(
              "span",
              { class: "badge" },
              String(unread),
              element("span", { class: "visually-hidden" }, " unread"),
            )
          : null,
      ),
    ),
  );
}

/**
 * @param {Customer} customer
 * @param {Message | undefined} last
 * @returns {(Node | string)[]}
 */
function drawPreview(customer, last) {
  if (state.typing.has(keyOf(customer.id)))
    return [element("span", { class: "accent" }, "typing…")];
  if (last === undefined)
    return [customer.phone ?? `@${customer.username ?? customer.id} · no number`];
  const tick = last.author === "customer" && last.tick !== null ? drawTick(last.tick) : null;
  return [...(tick === null ? [] : [tick]), previewOf(last.content)];
}

/**
 * One line about a message.
 *
 * @param {Content} content
 * @returns {string}
 */
export function previewOf(content) {
  switch (content.type) {
    case "media":
      return plainText(
        content.caption ?? content.filename ?? MEDIA[content.media] ?? content.media,
      );
    case "location":
      return content.name ?? "Location";
    default:
      return plainText(content.text);
  }
}

/** @type {Record<string, string>} */
const MEDIA = {
  image: "Photo",
  audio: "Voice message",
  video: "Video",
  document: "Document",
  sticker: "Sticker",
};

const TICKS = {
  pending: { icon: "tick-pending", label: "On its way" },
  delivered: { icon: "tick-delivered", label: "Delivered" },
  read: { icon: "tick-delivered", label: "Read" },
};

/**
 * How far a message of the customer has come.
 *
 * @param {"pending" | "delivered" | "read"} tick
 * @returns {HTMLElement}
 */
export function drawTick(tick) {
  const { icon: name, label } = TICKS[tick];
  return element(
    "span",
    { class: "tick", "data-tick": tick, title: label },
    icon(name),
    element("span", { class: "visually-hidden" }, label),
  );
}
