import { showFailure } from "./conversation.js";
import { byId, element } from "./dom.js";
import { call, state } from "./store.js";

const dialog = byId("faults", HTMLDialogElement);
const groups = byId("fault-groups", HTMLElement);
const dot = byId("faults-on", HTMLElement);

byId("open-faults", HTMLButtonElement).addEventListener("click", () => dialog.showModal());
byId("close-faults", HTMLButtonElement).addEventListener("click", () => dialog.close());
byId("clear-faults", HTMLButtonElement).addEventListener("click", () => {
  call("/sim/faults").catch(showFailure);
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

const DELAYS = [
  { label: "None", value: 0 },
  { label: "1 s", value: 1000 },
  { label: "5 s", value: 5000 },
  { label: "20 s", value: 20_000 },
];

/** Every switch with the words a curious person understands. */
const GROUPS = [
  {
    title: "When the business sends",
    area: "graph",
    delay: "WhatsApp answers late by",
    queue: "The next message meets",
    faults: [
      ["number-rate-limit", "429 number limit"],
      ["pair-rate-limit", "429 pair limit"],
      ["server-error", "500 error"],
      ["unavailable", "503, not JSON"],
      ["drop-before", "Cut before taken"],
      ["drop-after", "Cut after taken"],
      ["invalid-token", "Invalid token"],
    ],
    switches: [],
  },
  {
    title: "When it fetches a file",
    area: "media",
    queue: "The next file meets",
    faults: [
      ["expired-address", "Expired address"],
      ["foreign-address", "Another server"],
      ["server-error", "500 error"],
      ["altered", "Changed bytes"],
    ],
    switches: [],
  },
  {
    title: "When customers write",
    area: "webhooks",
    faults: [],
    switches: [
      ["duplicates", "Deliver everything twice", "Meta promises at least once, not exactly once."],
      ["reordered", "Swap the order", "Two messages arrive the wrong way round."],
    ],
  },
  {
    title: "Status reports",
    area: "statuses",
    faults: [],
    switches: [
      ["none", "Send none", "The business never hears what became of its message."],
      ["duplicate", "Send each twice", ""],
      ["reordered", "Read before sent", ""],
      ["beforeResponse", "Before the answer", "The report overtakes the reply to the send call."],
      ["withoutCallbackData", "Without the sender's mark", ""],
    ],
  },
  {
    title: "Simulated models",
    area: "models",
    note: "Only when the chatbot uses this simulator as its model provider.",
    delay: "They think for",
    queue: "The next request meets",
    faults: [
      ["rate-limit", "429 wait a second"],
      ["invalid-key", "401 wrong key"],
      ["server-error", "500 error"],
      ["hang", "Silence"],
      ["drop", "Cut connection"],
      ["garbage", "Garbled answer"],
      ["empty", "Empty answer"],
    ],
    switches: [],
  },
];

/** @typedef {(typeof GROUPS)[number]} Group */

/** Draws the switches in their present positions; the focus stays where it was. */
export function drawFaults() {
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.id : "";
  groups.replaceChildren(...GROUPS.map(drawGroup));
  if (focused !== "") document.getElementById(focused)?.focus();
  dot.hidden = !isAnyOn();
}

/** @param {Group} group */
function drawGroup(group) {
  return element(
    "fieldset",
    { class: "fault-group" },
    element("legend", {}, group.title),
    group.note === undefined ? null : element("p", { class: "fault-note" }, group.note),
    group.delay === undefined ? null : drawDelay(group),
    group.queue === undefined ? null : drawQueue(group),
    ...group.switches.map(([name = "", label = "", note = ""]) =>
      drawSwitch(group.area, { name, label, note }),
    ),
  );
}

/** @param {Group} group */
function drawDelay(group) {
  const current = state.faults[group.area]?.["delayMs"];
  const name = `${group.area}-delay`;
  const choices = DELAYS.map(({ label, value }) => {
    const input = element("input", {
      type: "radio",
      id: `${name}-${value}`,
      name,
      value: String(value),
      checked: current === value,
    });
    input.addEventListener("change", () => change(group.area, { delayMs: value }));
    return element("label", {}, input, element("span", {}, label));
  });
  return element(
    "div",
    { class: "fault-delay", role: "radiogroup", "aria-label": group.delay },
    element("span", { class: "fault-label" }, group.delay),
    element("div", { class: "segments" }, ...choices),
  );
}

/** @param {Group} group */
function drawQueue(group) {
  const queue = queueOf(group.area);
  const buttons = group.faults.map(([name = "", label = ""]) => {
    const count = queue.filter((entry) => entry === name).length;
    const button = element(
      "button",
      { type: "button", class: "fault-chip", id: `${group.area}-${name}`, "data-on": count > 0 },
      label,
      count > 0
        ? element(
            "span",
            { class: "badge" },
            String(count),
            element("span", { class: "visually-hidden" }, " waiting"),
          )
        : null,
    );
    button.addEventListener("click", () =>
      change(group.area, { next: [...queueOf(group.area), name] }),
    );
    return button;
  });
  return element(
    "div",
    { class: "fault-queue", role: "group", "aria-label": group.queue },
    element("span", { class: "fault-label" }, group.queue),
    element("div", { class: "fault-chips" }, ...buttons),
  );
}

/** @param {string} area @param {{ name: string, label: string, note: string }} what */
function drawSwitch(area, { name, label, note }) {
  const value = state.faults[area]?.[name];
  const input = element("input", {
    type: "checkbox",
    role: "switch",
    id: `${area}-${name}`,
    checked: Boolean(value),
  });
  input.addEventListener("change", () => {
    change(area, { [name]: name === "duplicates" ? Number(input.checked) : input.checked });
  });
  return element(
    "label",
    { class: "fault-switch" },
    element("span", {}, label, note === "" ? null : element("small", {}, note)),
    input,
  );
}

/** @param {string} area @param {Record<string, unknown>} switches */
function change(area, switches) {
  call("/sim/faults", { [area]: switches }).catch(showFailure);
}

/** @param {string} area @returns {string[]} */
function queueOf(area) {
  const next = state.faults[area]?.["next"];
  return Array.isArray(next) ? next : [];
}

function isAnyOn() {
  return Object.values(state.faults).some((area) =>
    Object.entries(area).some(
      ([name, value]) =>
        name !== "appliesTo" && (Array.isArray(value) ? value.length > 0 : Boolean(value)),
    ),
  );
}
