import {
  chooseFile,
  isAttached,
  listenForFiles,
  onAttachment,
  putBack,
  takeAttachment,
} from "./attachment.js";
import { drawChatList } from "./chat-list.js";
import {
  drawConversation,
  drawMessage,
  drawTyping,
  markSeenIfVisible,
  quote,
  showFailure,
  takeQuotedId,
} from "./conversation.js";
import { byId } from "./dom.js";
import { drawFaults } from "./faults.js";
import { chooseCustomer, connect, HERE, onChange, send, state } from "./store.js";
import { listenForVoice, openVoice } from "./voice.js";

const form = byId("composer", HTMLFormElement);
const text = byId("text", HTMLTextAreaElement);
const wide = matchMedia("(min-width: 820px)");

/** What somebody in a hurry writes; a good bot answers it once. */
const BURST = [
  "Hi",
  "do you have a table for tonight?",
  "we are four",
  "around 8 pm",
  "and one of us is vegan",
];

/** Time between the messages of a burst, as of quick thumbs, in milliseconds. */
const BURST_PAUSE_MS = 350;

onChange((change, message) => {
  if (change === "connection") return drawConnection();
  if (change === "faults") return drawFaults();
  if (change === "message" && message !== undefined) drawMessage(message);
  if (change === "typing") drawTyping();
  if (change === "all") {
    chooseFromAddress();
    drawConversation();
    drawFaults();
    drawConnection();
  }
  drawChatList();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if ((words === "" && !isAttached()) || state.connection !== "online") return;
  const attachment = takeAttachment();
  text.value = "";
  fitComposer();
  send(toContent(words, attachment), takeQuotedId()).catch((error) => {
    // Nothing typed or chosen is lost.
    if (text.value === "") text.value = words;
    if (attachment !== null && !isAttached()) putBack(attachment);
    fitComposer();
    showFailure(error);
  });
});

/**
 * @param {string} words
 * @param {import("./attachment.js").Attachment | null} attachment
 */
function toContent(words, attachment) {
  if (attachment === null) return { type: "text", text: words };
  const { kind, name, mimeType, base64 } = attachment;
  const caption = words === "" ? {} : { caption: words };
  const filename = kind === "document" ? { filename: name } : {};
  return { type: kind, base64, mimeType, ...caption, ...filename };
}

text.addEventListener("input", fitComposer);
text.addEventListener("keydown", (event) => {
  if (event.key === "Escape") quote(null);
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

byId("burst", HTMLButtonElement).addEventListener("click", async () => {
  try {
    for (const [index, words] of BURST.entries()) {
      if (index > 0) await new Promise((resolve) => setTimeout(resolve, BURST_PAUSE_MS));
      await send({ type: "text", text: words });
    }
  } catch (error) {
    showFailure(error);
  }
});

for (const button of document.querySelectorAll("[data-attach]")) {
  button.addEventListener("click", () => attach(button.getAttribute("data-attach") ?? ""));
}

/** @param {string} kind */
function attach(kind) {
  byId("attach-menu", HTMLElement).hidePopover();
  if (kind === "audio") {
    openVoice(() => text.focus());
  } else if (kind === "location") {
    send({ type: "location", ...HERE }, takeQuotedId()).catch(showFailure);
  } else {
    chooseFile(kind === "image" ? "image" : "document");
  }
}

byId("voice-open", HTMLButtonElement).addEventListener("click", () => attach("audio"));
listenForVoice({
  send: (content) => send(content, takeQuotedId()),
  onFailure: showFailure,
});
listenForFiles(showFailure);
onAttachment(() => {
  drawButtons();
  if (isAttached()) text.focus();
});

/** As on a real phone: nothing to send, so one may speak. */
function drawButtons() {
  const isEmpty = text.value.trim() === "" && !isAttached();
  byId("send", HTMLButtonElement).hidden = isEmpty;
  byId("voice-open", HTMLButtonElement).hidden = !isEmpty;
  text.placeholder = isAttached() ? "Add a caption" : "Message";
}

/** The address names the person, so that Back and reload do what one expects. */
function chooseFromAddress() {
  const id = decodeURIComponent(location.hash.slice(1));
  const known = state.customers.some((customer) => customer.id === id);
  document.body.dataset["view"] = known ? "chat" : "list";
  if (known) chooseCustomer(id);
  else chooseCustomer(wide.matches ? (state.customers[0]?.id ?? null) : null);
}

window.addEventListener("hashchange", () => {
  chooseFromAddress();
  markSeenIfVisible();
  // On a touch screen the keyboard would jump up unasked.
  if (matchMedia("(hover: hover)").matches && document.body.dataset["view"] === "chat")
    text.focus();
});
wide.addEventListener("change", chooseFromAddress);
document.addEventListener("visibilitychange", markSeenIfVisible);

window.addEventListener("keydown", (event) => {
  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  event.preventDefault();
  const index = state.customers.findIndex(({ id }) => id === state.customerId);
  const next = state.customers[index + (event.key === "ArrowUp" ? -1 : 1)];
  if (next !== undefined) location.hash = encodeURIComponent(next.id);
});

const CONNECTIONS = {
  connecting: "Connecting…",
  online: "Connected",
  offline: "Simulator not reachable",
};

function drawConnection() {
  const pill = byId("connection", HTMLElement);
  pill.dataset["state"] = state.connection;
  pill.firstElementChild?.replaceChildren(CONNECTIONS[state.connection]);
  document.body.dataset["connection"] = state.connection;
  const unusable =
    state.connection !== "online" || state.numbers.length === 0 || state.customerId === null;
  for (const id of ["send", "burst", "attach", "voice-open"])
    byId(id, HTMLButtonElement).disabled = unusable;
}

function fitComposer() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 160)}px`;
  drawButtons();
}

drawConnection();
drawButtons();
connect();
