import { drawTick, previewOf } from "./chat-list.js";
import { element, formatTime, icon } from "./dom.js";
import { renderMarkup } from "./markup.js";
import { HERE, isFromBusiness, messagesOf, send, state } from "./store.js";
import { drawVoice } from "./voice-bubble.js";

/** @typedef {import("./store.js").Message} Message */
/** @typedef {import("./store.js").Content} Content */

/** The reaction that the heart button sends. */
const HEART = "❤️";

/**
 * One message of the open conversation.
 *
 * @param {Message} message
 * @param {{ onQuote: (message: Message) => void, onFailure: (error: unknown) => void }} deps
 * @returns {HTMLLIElement}
 */
export function drawBubble(message, deps) {
  if (message.author === "system") {
    return element("li", { class: "notice", "data-id": message.id }, previewOf(message.content));
  }
  const mine = message.author === "customer";
  const reactions = [message.customerReaction, message.businessReaction].filter(
    (reaction) => reaction !== null,
  );
  return element(
    "li",
    {
      class: `message ${mine ? "mine" : "theirs"}`,
      "data-id": message.id,
      "data-author": message.author,
    },
    element(
      "div",
      { class: "bubble", "data-kind": message.content.type },
      element("span", { class: "visually-hidden" }, mine ? "You: " : "Business: "),
      message.author === "business-phone"
        ? element("p", { class: "by" }, "A person, from the business's phone")
        : null,
      drawQuote(message),
      ...drawContent(message, deps),
      element(
        "span",
        { class: "meta" },
        message.edited ? "edited · " : null,
        element(
          "time",
          { datetime: new Date(message.atMs).toISOString() },
          formatTime(message.atMs),
        ),
        mine && message.tick !== null ? drawTick(message.tick) : null,
      ),
      reactions.length > 0 ? element("span", { class: "reactions" }, reactions.join("")) : null,
    ),
    drawActions(message, deps),
    mine && message.problem !== null && message.tick === "pending"
      ? drawProblem(message.problem)
      : null,
  );
}

/** @param {number} status */
function drawProblem(status) {
  const hint =
    status === 0
      ? "nobody answers"
      : status === 401 || status === 403
        ? `it answers ${status}; check the app secret`
        : `it answers ${status}`;
  return element(
    "p",
    { class: "problem" },
    `The webhook has not taken this yet: ${hint}. Trying again.`,
  );
}

/** @param {Message} message */
function drawQuote(message) {
  if (message.replyToId === null) return null;
  const quoted = messagesOf(state.customerId).find(({ id }) => id === message.replyToId);
  return element(
    "div",
    { class: "quote" },
    element(
      "strong",
      {},
      quoted === undefined ? "Earlier message" : isFromBusiness(quoted.author) ? "Business" : "You",
    ),
    element("span", {}, quoted === undefined ? "…" : previewOf(quoted.content)),
  );
}

/**
 * @param {Message} message
 * @param {{ onQuote: (message: Message) => void, onFailure: (error: unknown) => void }} deps
 */
function drawActions(message, deps) {
  const quote = element(
    "button",
    { type: "button", class: "icon-button small", title: "Quote" },
    icon("reply"),
  );
  quote.append(element("span", { class: "visually-hidden" }, "Quote this message"));
  quote.addEventListener("click", () => deps.onQuote(message));
  if (message.author === "customer") return element("div", { class: "actions" }, quote);
  const reacted = message.customerReaction !== null;
  const heart = element(
    "button",
    { type: "button", class: "icon-button small", title: "React", "aria-pressed": String(reacted) },
    icon("heart"),
    element("span", { class: "visually-hidden" }, "React with a heart"),
  );
  heart.addEventListener("click", () => {
    const emoji = reacted ? {} : { emoji: HEART };
    send({ type: "reaction", messageId: message.id, ...emoji }).catch(deps.onFailure);
  });
  return element("div", { class: "actions" }, quote, heart);
}

/**
 * @param {Message} message
 * @param {{ onFailure: (error: unknown) => void }} deps
 * @returns {(Node | null)[]}
 */
function drawContent(message, deps) {
  const { content } = message;
  switch (content.type) {
    case "text":
      return [element("div", { class: "text" }, ...renderMarkup(content.text))];
    case "note":
      return [element("div", { class: "text note" }, content.text)];
    case "media":
      return [
        drawMedia(content),
        content.caption
          ? element("div", { class: "text" }, ...renderMarkup(content.caption))
          : null,
      ];
    case "location":
      return [drawLocation(content)];
    case "link":
      return [
        element("div", { class: "text" }, ...renderMarkup(content.text)),
        element(
          "a",
          {
            class: "choice",
            href: safeUrl(content.url),
            target: "_blank",
            rel: "noopener noreferrer",
          },
          icon("open"),
          content.label,
        ),
      ];
    case "location-request":
      return drawLocationRequest(message.id, content, deps);
    case "choices":
      return drawChoices(message.id, content, deps);
  }
}

/** @param {Extract<Content, { type: "media" }>} content */
function drawMedia(content) {
  const url = safeUrl(content.url);
  if (content.media === "image" || content.media === "sticker") {
    return element("img", {
      class: "picture",
      src: url,
      alt: content.caption ?? "Picture",
      loading: "lazy",
    });
  }
  if (content.media === "audio") return drawVoice(url);
  if (content.media === "video")
    return element("video", { controls: true, preload: "none", src: url });
  return element(
    "a",
    { class: "file", href: url, target: "_blank", rel: "noopener noreferrer" },
    element("span", { class: "file-icon" }, icon("file")),
    element(
      "span",
      { class: "file-name" },
      element("strong", {}, content.filename ?? "Document"),
      element("small", {}, kindOfFile(content.filename)),
    ),
  );
}

/** @param {string | undefined} filename */
function kindOfFile(filename) {
  const ending = /\.([a-z0-9]{1,5})$/iu.exec(filename ?? "")?.[1];
  return ending === undefined ? "File" : ending.toUpperCase();
}

/** @param {Extract<Content, { type: "location" }>} content */
function drawLocation(content) {
  const coordinates = `${content.latitude.toFixed(4)}, ${content.longitude.toFixed(4)}`;
  return element(
    "div",
    { class: "file" },
    element("span", { class: "file-icon" }, icon("place")),
    element(
      "span",
      {},
      element("strong", {}, content.name ?? "Location"),
      element("br"),
      coordinates,
    ),
  );
}

/**
 * @param {string} messageId
 * @param {Extract<Content, { type: "location-request" }>} content
 * @param {{ onFailure: (error: unknown) => void }} deps
 * @returns {Node[]}
 */
function drawLocationRequest(messageId, content, deps) {
  const button = element(
    "button",
    { type: "button", class: "choice" },
    icon("place"),
    "Send location",
  );
  button.addEventListener("click", () => {
    send({ type: "location", ...HERE }, messageId).catch(deps.onFailure);
  });
  return [
    element("div", { class: "text" }, ...renderMarkup(content.text)),
    element("div", { class: "choices" }, button),
  ];
}

/**
 * @param {string} messageId
 * @param {Extract<Content, { type: "choices" }>} content
 * @param {{ onFailure: (error: unknown) => void }} deps
 * @returns {(Node | null)[]}
 */
function drawChoices(messageId, content, deps) {
  const type = content.kind === "buttons" ? "button-reply" : "list-reply";
  const options = content.options.map((option) => {
    const button = element(
      "button",
      { type: "button", class: "choice" },
      option.title,
      option.description ? element("small", {}, option.description) : null,
    );
    button.addEventListener("click", () => {
      const description =
        type === "list-reply" && option.description ? { description: option.description } : {};
      send({ type, id: option.id, title: option.title, ...description }, messageId).catch(
        deps.onFailure,
      );
    });
    return button;
  });
  const group = element(
    "div",
    { class: "choices", role: "group", "aria-label": content.label ?? "Choices" },
    ...options,
  );
  return [
    content.header ? element("p", { class: "choice-header" }, content.header) : null,
    element("div", { class: "text" }, ...renderMarkup(content.text)),
    content.footer ? element("p", { class: "choice-footer" }, content.footer) : null,
    content.kind === "list"
      ? element(
          "details",
          { class: "choice-list" },
          element("summary", {}, icon("list"), content.label ?? "Choose"),
          group,
        )
      : group,
  ];
}

/**
 * Only web addresses and this server's own files become links.
 *
 * @param {string} url
 */
function safeUrl(url) {
  return url.startsWith("/sim/") || /^https?:\/\//iu.test(url) ? url : "#";
}
