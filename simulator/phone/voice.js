import { readBase64 } from "./attachment.js";
import { byId } from "./dom.js";
import { formatLength } from "./voice-bubble.js";

const panel = byId("voice", HTMLElement);
const words = byId("voice-words", HTMLTextAreaElement);
const record = byId("voice-record", HTMLButtonElement);
const sendButton = byId("voice-send", HTMLButtonElement);
const time = byId("voice-time", HTMLElement);
const level = byId("voice-level", HTMLElement);
const note = byId("voice-note", HTMLElement);
const row = byId("composer-row", HTMLElement);

const BARS = 40;
/** What the browser may record, what WhatsApp itself sends first. */
const TYPES = ["audio/ogg;codecs=opus", "audio/mp4", "audio/webm;codecs=opus"];
const NOTE_WORDS =
  "The recording is silent, as long as it takes to say the words; the simulator's transcription hears them.";
const NOTE_RECORDED = "A real recording. The simulator's own transcription makes up its words.";

/** @typedef {{ recorder: MediaRecorder, stream: MediaStream, chunks: Blob[], timer: number, audio: AudioContext }} Recording */

/** @type {Recording | null} */
let recording = null;
/** @type {Blob | null} */
let recorded = null;
/** @type {() => void} */
let onClose = () => {};

/**
 * Opens the panel for a voice message: words to be said, or a real recording.
 *
 * @param {() => void} closed Called when it is closed again.
 */
export function openVoice(closed) {
  onClose = closed;
  forget();
  panel.hidden = false;
  row.hidden = true;
  words.focus();
}

/**
 * @param {{ send: (content: Record<string, unknown>) => Promise<void>, onFailure: (error: unknown) => void }} deps
 */
export function listenForVoice(deps) {
  level.replaceChildren(...Array.from({ length: BARS }, () => document.createElement("i")));
  byId("voice-cancel", HTMLButtonElement).addEventListener("click", close);
  words.addEventListener("input", drawButtons);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.target !== words || event.key !== "Enter" || event.shiftKey || event.isComposing)
      return;
    event.preventDefault();
    if (!sendButton.disabled) sendButton.click();
  });
  record.addEventListener("click", () => {
    if (recording === null) start().catch(deny);
    else stop();
  });
  sendButton.addEventListener("click", async () => {
    try {
      const content = await toContent();
      close();
      await deps.send(content);
    } catch (error) {
      deps.onFailure(error);
    }
  });
}

async function toContent() {
  if (recording !== null) await stop();
  if (recorded === null) return { type: "audio", says: words.value.trim() };
  const base64 = await readBase64(recorded);
  return { type: "audio", voice: true, base64, mimeType: recorded.type };
}

async function start() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, mimeType === undefined ? {} : { mimeType });
  /** @type {Blob[]} */
  const chunks = [];
  recorder.addEventListener("dataavailable", ({ data }) => chunks.push(data));
  recorder.start();
  const startedMs = Date.now();
  const audio = new AudioContext();
  const draw = drawLevels(audio, stream);
  const timer = window.setInterval(() => {
    time.textContent = formatLength(Date.now() - startedMs);
    draw();
  }, 100);
  recording = { recorder, stream, chunks, timer, audio };
  recorded = null;
  words.hidden = true;
  level.hidden = false;
  time.textContent = formatLength(0);
  note.textContent = NOTE_RECORDED;
  drawButtons();
}

/** Ends the recording and keeps it. */
async function stop() {
  if (recording === null) return;
  const { recorder, chunks } = recording;
  const ended = new Promise((resolve) =>
    recorder.addEventListener("stop", resolve, { once: true }),
  );
  recorder.stop();
  await ended;
  release();
  recorded = new Blob(chunks, { type: recorder.mimeType });
  drawButtons();
}

function release() {
  if (recording === null) return;
  const { stream, timer, audio } = recording;
  clearInterval(timer);
  for (const track of stream.getTracks()) track.stop();
  void audio.close();
  recording = null;
}

/**
 * The loudness of the last seconds, as bars.
 *
 * @param {AudioContext} audio
 * @param {MediaStream} stream
 */
function drawLevels(audio, stream) {
  const analyser = audio.createAnalyser();
  audio.createMediaStreamSource(stream).connect(analyser);
  const samples = new Uint8Array(analyser.fftSize);
  /** @type {number[]} */
  const loudness = Array.from({ length: BARS }, () => 0);
  return () => {
    analyser.getByteTimeDomainData(samples);
    loudness.push(Math.max(...samples.map((sample) => Math.abs(sample - 128))) / 128);
    loudness.shift();
    for (const [index, bar] of [...level.children].entries())
      if (bar instanceof HTMLElement)
        bar.style.setProperty("--height", String(0.12 + 0.88 * (loudness[index] ?? 0)));
  };
}

function deny() {
  release();
  record.disabled = true;
  note.textContent = "There is no microphone to record with: write what you say.";
}

function close() {
  forget();
  panel.hidden = true;
  row.hidden = false;
  onClose();
}

function forget() {
  release();
  recorded = null;
  words.value = "";
  words.hidden = false;
  level.hidden = true;
  time.textContent = "";
  record.disabled = false;
  note.textContent = NOTE_WORDS;
  drawButtons();
}

function drawButtons() {
  const isOn = recording !== null;
  panel.toggleAttribute("data-recording", isOn);
  record.textContent = isOn ? "Stop" : recorded === null ? "Record" : "Record again";
  sendButton.disabled = !isOn && recorded === null && words.value.trim() === "";
}
