import type { MediaKind } from "#domain/media.ts";

/** What a file is, by its bytes. */
export type DetectedMedia = { readonly kind: MediaKind; readonly mimeType: string };

const HEIC = "image/heic";
const AVIF = "image/avif";

/** Beginnings of files, in hexadecimal. */
const SIGNATURES: readonly (readonly [beginning: RegExp, media: DetectedMedia])[] = [
  [/^ffd8ff/, { kind: "image", mimeType: "image/jpeg" }],
  [/^89504e470d0a1a0a/, { kind: "image", mimeType: "image/png" }],
  [/^47494638(37|39)61/, { kind: "image", mimeType: "image/gif" }],
  [/^52494646.{8}57454250/, { kind: "image", mimeType: "image/webp" }],
  [/^4f676753/, { kind: "audio", mimeType: "audio/ogg" }],
  // Not FF FE, which would be MPEG-1 Layer I: texts in UTF-16 begin so.
  [/^(494433|fff[ab23])/, { kind: "audio", mimeType: "audio/mpeg" }],
  [/^fff[019]/, { kind: "audio", mimeType: "audio/aac" }],
  [/^2321414d52/, { kind: "audio", mimeType: "audio/amr" }],
  [/^52494646.{8}57415645/, { kind: "audio", mimeType: "audio/wav" }],
  [/^.{8}667479704d3441/, { kind: "audio", mimeType: "audio/mp4" }],
  [/^.{8}66747970336770/, { kind: "video", mimeType: "video/3gpp" }],
  // heic, heix, heim, heis, hevc, hevx, mif1, msf1
  [
    /^.{8}66747970(686569(63|78|6d|73)|686576(63|78)|6d696631|6d736631)/,
    { kind: "image", mimeType: HEIC },
  ],
  [/^.{8}66747970617669(66|73)/, { kind: "image", mimeType: AVIF }],
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

/** Whether it is a picture of a format that no model we know of takes: phones make such, in a film's container. */
export function isUnseenFormat({ mimeType }: DetectedMedia): boolean {
  return mimeType === HEIC || mimeType === AVIF;
}

function documentType(start: string): string {
  return start.startsWith("25504446") ? "application/pdf" : "application/octet-stream";
}

function toAudioType(videoType: string): string {
  return videoType.replace("video/", "audio/");
}
