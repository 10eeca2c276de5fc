import type { MediaKind } from "#domain/media.ts";

/** What a file is, by its bytes. */
export type DetectedMedia = { readonly kind: MediaKind; readonly mimeType: string };

/** Beginnings of files, in hexadecimal. */
const SIGNATURES: readonly (readonly [beginning: RegExp, media: DetectedMedia])[] = [
  [/^ffd8ff/, { kind: "image", mimeType: "image/jpeg" }],
  [/^89504e470d0a1a0a/, { kind: "image", mimeType: "image/png" }],
  [/^47494638(37|39)61/, { kind: "image", mimeType: "image/gif" }],
  [/^52494646.{8}57454250/, { kind: "image", mimeType: "image/webp" }],
  [/^4f676753/, { kind: "audio", mimeType: "audio/ogg" }],
  [/^(494433|fff[abe23])/, { kind: "audio", mimeType: "audio/mpeg" }],
  [/^fff[019]/, { kind: "audio", mimeType: "audio/aac" }],
  [/^2321414d52/, { kind: "audio", mimeType: "audio/amr" }],
  [/^52494646.{8}57415645/, { kind: "audio", mimeType: "audio/wav" }],
  [/^.{8}667479704d3441/, { kind: "audio", mimeType: "audio/mp4" }],
  [/^.{8}66747970336770/, { kind: "video", mimeType: "video/3gpp" }],
  [/^.{8}66747970/, { kind: "video", mimeType: "video/mp4" }],
  [/^1a45dfa3/, { kind: "video", mimeType: "video/webm" }],
];

/**
 * Tells from the bytes what a file is that came as this type of message; null when it is not what such
 * a message carries. A picture or recording sent as a document is what it is. Other documents are told
 * apart by whoever reads them.
 */
export function detectMedia(bytes: Uint8Array, sentAs: MediaKind): DetectedMedia | null {
  const start = Buffer.from(bytes.subarray(0, 16)).toString("hex");
  const known = SIGNATURES.find(([beginning]) => beginning.test(start))?.[1] ?? null;
  switch (sentAs) {
    case "document":
      return known ?? { kind: "document", mimeType: documentType(start) };
    case "sticker":
      return known?.kind === "image" ? { ...known, kind: "sticker" } : null;
    case "audio":
      // Recordings come in the same containers as films.
      if (known?.kind === "video") return { kind: "audio", mimeType: toAudioType(known.mimeType) };
      return known?.kind === "audio" ? known : null;
    case "image":
    case "video":
      return known?.kind === sentAs ? known : null;
  }
}

function documentType(start: string): string {
  return start.startsWith("25504446") ? "application/pdf" : "application/octet-stream";
}

function toAudioType(videoType: string): string {
  return videoType.replace("video/", "audio/");
}
