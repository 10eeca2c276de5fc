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

const form = byId("composer", HTMLFormElement);
const text = byId("text", HTMLTextAreaElement);
const file = byId("file", HTMLInputElement);
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
  if (words === "" || state.connection !== "online") return;
  text.value = "";
  fitComposer();
  send({ type: "text", text: words }, takeQuotedId()).catch((error) => {
    // Nothing typed is lost.
    if (text.value === "") text.value = words;
    fitComposer();
    showFailure(error);
  });
});

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
    send({ type: "audio" }, takeQuotedId()).catch(showFailure);
  } else if (kind === "location") {
    send({ type: "location", ...HERE }, takeQuotedId()).catch(showFailure);
  } else {
    file.accept = kind === "image" ? "image/jpeg,image/png" : "";
    file.dataset["kind"] = kind;
    file.click();
  }
}

file.addEventListener("change", async () => {
  const [chosen] = file.files ?? [];
  if (chosen === undefined) return;
  const kind = file.dataset["kind"] ?? "document";
  const base64 = await readBase64(chosen);
  const caption = text.value.trim();
  text.value = "";
  fitComposer();
  file.value = "";
  const mimeType = chosen.type === "" ? "application/octet-stream" : chosen.type;
  send(
    {
      type: kind,
      base64,
      mimeType,
      ...(caption === "" ? {} : { caption }),
      ...(kind === "document" ? { filename: chosen.name } : {}),
    },
    takeQuotedId(),
  ).catch(showFailure);
});

/** @param {File} chosen @returns {Promise<string>} */
function readBase64(chosen) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result).split(",")[1] ?? ""));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(chosen);
  });
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
  for (const id of ["send", "burst", "attach"]) byId(id, HTMLButtonElement).disabled = unusable;
}

function fitComposer() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 160)}px`;
}

drawConnection();
connect();
