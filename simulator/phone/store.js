/**
 * @typedef {{ id: string, title: string, description?: string }} Option
 * @typedef {{ type: "text" | "note", text: string }
 *   | { type: "media", media: string, url: string, caption?: string, filename?: string }
 *   | { type: "location", latitude: number, longitude: number, name?: string }
 *   | { type: "choices", kind: "buttons" | "list", header?: string, text: string, footer?: string, label?: string, options: Option[] }
 *   | { type: "link", text: string, label: string, url: string }
 *   | { type: "location-request", text: string }} Content
 * @typedef {{ id: string, author: "customer" | "business" | "business-phone" | "system", atMs: number, content: Content,
 *   replyToId: string | null, tick: "pending" | "delivered" | "read" | null, problem: number | null,
 *   customerReaction: string | null, businessReaction: string | null, edited: boolean }} Message
 * @typedef {{ phoneNumberId: string, displayName: string, displayPhoneNumber: string }} BusinessNumber
 * @typedef {{ id: string, name: string | null, phone: string | null, userId: string | null, username: string | null }} Customer
 * @typedef {Record<string, Record<string, unknown>>} Faults
 * @typedef {{ numbers: BusinessNumber[], customers: Customer[], faults: Faults,
 *   typing: { phoneNumberId: string, customerId: string, untilMs: number }[],
 *   conversations: { phoneNumberId: string, customerId: string, messages: Message[] }[] }} Snapshot
 * @typedef {"connecting" | "online" | "offline"} Connection
 * @typedef {"all" | "message" | "typing" | "faults" | "connection" | "people"} Change
 */

/** Where every customer of the simulator is. */
export const HERE = { latitude: 38.7139, longitude: -9.1394, name: "Rossio, Lisbon" };

/** What the page knows: the server's picture, and what this reader has chosen and seen. */
export const state = {
  /** @type {Connection} */
  connection: "connecting",
  /** @type {BusinessNumber[]} */
  numbers: [],
  /** @type {Customer[]} */
  customers: [],
  /** @type {Faults} */
  faults: {},
  /** @type {Map<string, Message[]>} */
  conversations: new Map(),
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  typing: new Map(),
  /** @type {string | null} */
  customerId: null,
  phoneNumberId: localStorage.getItem("phoneNumberId") ?? "",
  /** @type {Record<string, number>} Time of the newest message that was looked at. */
  seen: JSON.parse(localStorage.getItem("seen") ?? "{}"),
};

/** @type {((change: Change, message?: Message) => void)[]} */
const listeners = [];

/** @param {(change: Change, message?: Message) => void} listener */
export function onChange(listener) {
  listeners.push(listener);
}

/**
 * @param {Change} change
 * @param {Message} [message]
 */
function announce(change, message) {
  for (const listener of listeners) listener(change, message);
}

/**
 * @param {string} customerId
 * @param {string} [phoneNumberId]
 */
export function keyOf(customerId, phoneNumberId = state.phoneNumberId) {
  return `${phoneNumberId} ${customerId}`;
}

/**
 * @param {string | null} customerId
 * @returns {Message[]}
 */
export function messagesOf(customerId) {
  return customerId === null ? [] : (state.conversations.get(keyOf(customerId)) ?? []);
}

/**
 * @param {string} customerId
 * @returns {number} Messages of the business that came since the reader last looked.
 */
export function unreadOf(customerId) {
  const seenMs = state.seen[keyOf(customerId)] ?? 0;
  return messagesOf(customerId).filter(
    ({ author, atMs }) => isFromBusiness(author) && atMs > seenMs,
  ).length;
}

/** @param {Message["author"]} author */
export function isFromBusiness(author) {
  return author === "business" || author === "business-phone";
}

/** @returns {BusinessNumber | undefined} */
export function currentNumber() {
  return state.numbers.find(({ phoneNumberId }) => phoneNumberId === state.phoneNumberId);
}

/** @returns {Customer | undefined} */
export function currentCustomer() {
  return state.customers.find(({ id }) => id === state.customerId);
}

/** @param {Customer} customer */
export function nameOf(customer) {
  return customer.name ?? customer.phone ?? customer.username ?? customer.id;
}

/** @param {string | null} customerId */
export function chooseCustomer(customerId) {
  if (customerId === state.customerId) return;
  state.customerId = customerId;
  announce("all");
}

/** @param {string} phoneNumberId */
export function chooseNumber(phoneNumberId) {
  state.phoneNumberId = phoneNumberId;
  localStorage.setItem("phoneNumberId", phoneNumberId);
  announce("all");
}

/** The open conversation was looked at. */
export function markSeen() {
  const newest = messagesOf(state.customerId).at(-1);
  if (state.customerId === null || newest === undefined) return;
  const key = keyOf(state.customerId);
  if ((state.seen[key] ?? 0) >= newest.atMs) return;
  state.seen[key] = newest.atMs;
  localStorage.setItem("seen", JSON.stringify(state.seen));
  announce("people");
}

/** Opens the live connection; the browser reconnects by itself, and a snapshot follows each time. */
export function connect() {
  const source = new EventSource("/sim/events");
  /** @param {Connection} connection */
  const setConnection = (connection) => {
    if (state.connection === connection) return;
    state.connection = connection;
    announce("connection");
  };
  source.addEventListener("error", () => {
    setConnection("offline");
    // A refused connection is final for some browsers.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 1500);
  });
  on(source, "snapshot", (/** @type {Snapshot} */ snapshot) => {
    applySnapshot(snapshot);
    setConnection("online");
    announce("all");
  });
  on(
    source,
    "chat",
    (
      /** @type {{ chat: { phoneNumberId: string, customerId: string, message: Message } }} */ {
        chat,
      },
    ) => applyMessage(chat),
  );
  on(
    source,
    "typing",
    (/** @type {{ phoneNumberId: string, customerId: string, untilMs: number }} */ event) =>
      applyTyping(event),
  );
  on(source, "faults", (/** @type {{ faults: Faults }} */ event) => {
    state.faults = event.faults;
    announce("faults");
  });
  on(source, "customer", (/** @type {{ customer: Customer }} */ { customer }) => {
    const index = state.customers.findIndex(({ id }) => id === customer.id);
    if (index === -1) state.customers.push(customer);
    else state.customers[index] = customer;
    announce("people");
  });
}

/**
 * @template Data
 * @param {EventSource} source
 * @param {string} name
 * @param {(data: Data) => void} handle
 */
function on(source, name, handle) {
  source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
}

/** @param {Snapshot} snapshot */
function applySnapshot(snapshot) {
  state.numbers = snapshot.numbers;
  state.customers = snapshot.customers;
  state.faults = snapshot.faults;
  state.conversations = new Map(
    snapshot.conversations.map(({ phoneNumberId, customerId, messages }) => [
      keyOf(customerId, phoneNumberId),
      messages,
    ]),
  );
  for (const typing of snapshot.typing) applyTyping(typing);
  if (currentNumber() === undefined) state.phoneNumberId = state.numbers[0]?.phoneNumberId ?? "";
}

/** @param {{ phoneNumberId: string, customerId: string, message: Message }} chat */
function applyMessage({ phoneNumberId, customerId, message }) {
  const key = keyOf(customerId, phoneNumberId);
  const messages = state.conversations.get(key) ?? [];
  state.conversations.set(key, messages);
  const index = messages.findIndex(({ id }) => id === message.id);
  if (index === -1) messages.push(message);
  else messages[index] = message;
  const isOpen = phoneNumberId === state.phoneNumberId && customerId === state.customerId;
  if (isOpen) announce("message", message);
  else announce("people");
}

/** @param {{ phoneNumberId: string, customerId: string, untilMs: number }} event */
function applyTyping({ phoneNumberId, customerId, untilMs }) {
  const key = keyOf(customerId, phoneNumberId);
  clearTimeout(state.typing.get(key));
  state.typing.delete(key);
  const remainingMs = untilMs - Date.now();
  if (remainingMs > 0) {
    const end = () => {
      state.typing.delete(key);
      announce("typing");
    };
    state.typing.set(key, setTimeout(end, remainingMs));
  }
  announce("typing");
}

/**
 * Calls the simulator; throws an Error with its words when it refuses.
 *
 * @param {string} path
 * @param {unknown} [body] Sent as JSON; without one the call is a DELETE.
 * @returns {Promise<unknown>}
 */
export async function call(path, body) {
  const init =
    body === undefined
      ? { method: "DELETE" }
      : {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        };
  const response = await fetch(path, init);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? `HTTP ${response.status}`);
  return answer;
}

/**
 * The open customer does something.
 *
 * @param {Record<string, unknown>} content
 * @param {string | null} [replyToId]
 */
export async function send(content, replyToId = null) {
  const { phoneNumberId, customerId } = state;
  if (customerId === null) return;
  const quoted = replyToId === null ? {} : { replyToId };
  await call("/sim/send", { phoneNumberId, customer: customerId, content, ...quoted });
}
