import { byId, icon } from "./dom.js";

/**
 * A file that is ready to be sent with the next message.
 *
 * @typedef {{ kind: "image" | "document", name: string, mimeType: string, base64: string }} Attachment
 */

const box = byId("attached", HTMLElement);
const picture = byId("attached-picture", HTMLElement);
const input = byId("file", HTMLInputElement);

/** The simulator takes messages of 32 MB, and base64 is a third longer than the file. */
const SIZE_BYTES_MAX = 20 * 1024 * 1024;

/** @type {Attachment | null} */
let attached = null;
/** @type {(() => void)[]} */
const listeners = [];

/** @param {() => void} listener Told when a file is attached or taken away. */
export function onAttachment(listener) {
  listeners.push(listener);
}

/** @returns {boolean} */
export function isAttached() {
  return attached !== null;
}

/** @returns {Attachment | null} The attached file; it is used up by asking. */
export function takeAttachment() {
  const taken = attached;
  show(null);
  return taken;
}

/** @param {Attachment} attachment Puts a file back that could not be sent. */
export function putBack(attachment) {
  show(attachment);
}

/** @param {"image" | "document"} kind Lets the person choose a file. */
export function chooseFile(kind) {
  input.accept = kind === "image" ? "image/jpeg,image/png,image/webp" : "";
  input.dataset["kind"] = kind;
  input.click();
}

/**
 * Attaches a file; a picture becomes a photo unless it is to be sent as a document.
 *
 * @param {File} file
 * @param {string} [asked]
 */
export async function attachFile(file, asked) {
  if (file.size > SIZE_BYTES_MAX) throw new Error("The phone sends files of 20 MB at most.");
  const isPhoto = /^image\/(jpeg|png|webp)$/u.test(file.type);
  show({
    kind: asked === "document" || !isPhoto ? "document" : "image",
    name: file.name === "" ? "file" : file.name,
    mimeType: file.type === "" ? "application/octet-stream" : file.type,
    base64: await readBase64(file),
  });
}

/** @param {(error: unknown) => void} onFailure */
export function listenForFiles(onFailure) {
  byId("attached-cancel", HTMLButtonElement).addEventListener("click", () => show(null));
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file !== undefined) attachFile(file, input.dataset["kind"]).catch(onFailure);
    input.value = "";
  });
  document.addEventListener("paste", (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file === undefined) return;
    event.preventDefault();
    attachFile(file).catch(onFailure);
  });
  listenForDrops(onFailure);
}

/** @param {(error: unknown) => void} onFailure */
function listenForDrops(onFailure) {
  const chat = byId("chat", HTMLElement);
  /** @param {DragEvent} event */
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files") === true;
  chat.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    chat.dataset["drop"] = "";
  });
  chat.addEventListener("dragleave", (event) => {
    const inside = event.relatedTarget instanceof Node && chat.contains(event.relatedTarget);
    if (!inside) delete chat.dataset["drop"];
  });
  chat.addEventListener("drop", (event) => {
    delete chat.dataset["drop"];
    const [file] = event.dataTransfer?.files ?? [];
    if (file === undefined) return;
    event.preventDefault();
    attachFile(file).catch(onFailure);
  });
}

/** @param {Attachment | null} attachment */
function show(attachment) {
  attached = attachment;
  box.hidden = attachment === null;
  if (attachment !== null) {
    const { kind, name, mimeType, base64 } = attachment;
    byId("attached-name", HTMLElement).textContent = name;
    byId("attached-note", HTMLElement).textContent =
      `${kind === "image" ? "Photo" : "Document"} · ${formatSize((base64.length * 3) / 4)}`;
    picture.replaceChildren(kind === "image" ? preview(mimeType, base64) : icon("file"));
  }
  for (const listener of listeners) listener();
}

/** @param {string} mimeType @param {string} base64 */
function preview(mimeType, base64) {
  const image = document.createElement("img");
  image.alt = "";
  image.src = `data:${mimeType};base64,${base64}`;
  return image;
}

/** @param {number} bytes */
function formatSize(bytes) {
  if (bytes < 1024) return `${Math.round(bytes)} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / (1024 * 1024)).toFixed(1)} MB`;
}

/** @param {Blob} blob @returns {Promise<string>} */
export function readBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result).split(",")[1] ?? ""));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
}
