import { element, icon } from "./dom.js";

const BARS = 28;

/**
 * A voice message that can be played: a button, its shape, its length. The shape is drawn from the
 * address, since nobody measures the sound.
 *
 * @param {string} url
 * @returns {HTMLElement}
 */
export function drawVoice(url) {
  const audio = element("audio", { preload: "metadata", src: url });
  const length = element("span", { class: "voice-length" }, "0:00");
  const button = element(
    "button",
    { type: "button", class: "voice-play", "aria-label": "Play the voice message" },
    icon("play"),
  );
  const bars = shapeOf(url).map((height) => {
    const bar = element("i");
    bar.style.setProperty("--height", String(height));
    return bar;
  });
  const drawLength = () => {
    // A recording of the browser does not know its length before its end.
    const seconds = Number.isFinite(audio.duration) ? audio.duration : 0;
    length.textContent = formatLength((audio.paused ? seconds : audio.currentTime) * 1000);
  };
  const drawPlace = () => {
    const share = Number.isFinite(audio.duration) ? audio.currentTime / audio.duration : 0;
    for (const [index, bar] of bars.entries())
      bar.toggleAttribute("data-played", !audio.ended && index < share * BARS);
    drawLength();
  };
  const drawButton = () => {
    button.setAttribute("aria-label", audio.paused ? "Play the voice message" : "Pause");
    button.replaceChildren(icon(audio.paused ? "play" : "pause"));
    drawPlace();
  };
  button.addEventListener("click", () => {
    if (audio.paused) audio.play().catch(() => button.setAttribute("disabled", ""));
    else audio.pause();
  });
  audio.addEventListener("loadedmetadata", drawLength);
  audio.addEventListener("timeupdate", drawPlace);
  for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, drawButton);
  return element(
    "div",
    { class: "voice-message" },
    button,
    element("div", { class: "voice-shape", "aria-hidden": "true" }, ...bars),
    length,
    audio,
  );
}

/**
 * @param {number} ms
 * @returns {string} Minutes and seconds.
 */
export function formatLength(ms) {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** @param {string} text */
function shapeOf(text) {
  let seed = 7;
  for (const letter of text) seed = (seed * 31 + (letter.codePointAt(0) ?? 0)) % 99_991;
  return Array.from({ length: BARS }, (_, index) => {
    seed = (seed * 1103 + 12_345) % 99_991;
    const swell = Math.sin((index / BARS) * Math.PI);
    return 0.2 + 0.8 * swell * (0.35 + 0.65 * (seed / 99_991));
  });
}
