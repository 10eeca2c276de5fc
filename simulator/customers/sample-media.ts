/** A file to send when the test or the page brings none. */
export type SampleMedia = { readonly bytes: Uint8Array; readonly mimeType: string };

/** Small but valid samples of each kind. */
export function sampleMedia(
  kind: "image" | "video" | "audio" | "document" | "sticker",
): SampleMedia {
  if (kind === "image") return { bytes: PIXEL_PNG, mimeType: "image/png" };
  if (kind === "sticker") return { bytes: PIXEL_WEBP, mimeType: "image/webp" };
  if (kind === "document") return { bytes: Buffer.from("A short note.\n"), mimeType: "text/plain" };
  if (kind === "audio") return { bytes: EMPTY_OGG, mimeType: "audio/ogg; codecs=opus" };
  return {
    bytes: Buffer.from("AAAAGGZ0eXBtcDQyAAAAAG1wNDJpc29t", "base64"),
    mimeType: "video/mp4",
  };
}

const PIXEL_PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const PIXEL_WEBP = Buffer.from("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==", "base64");
/** The identification header of an Opus stream in an Ogg page: enough for a type check. */
const EMPTY_OGG = Buffer.from(
  "T2dnUwACAAAAAAAAAAABAAAAAAAAAAAAAAABE09wdXNIZWFkAQE4AYC7AAAAAAA=",
  "base64",
);
