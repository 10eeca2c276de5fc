import { expect, test } from "vitest";
import { detectMedia, isUnseenFormat } from "./detect-media.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const JPEG = bytes("\xff\xd8\xff\xe0....");
const OGG = bytes("OggS............");
const MP4 = bytes("....ftypisom....");
const M4A = bytes("....ftypM4A ....");

test("the bytes decide, and must be what such a message carries", () => {
  expect(detectMedia(JPEG, "image")).toEqual({ kind: "image", mimeType: "image/jpeg" });
  expect(detectMedia(JPEG, "audio")).toBeNull();
  expect(detectMedia(OGG, "audio")).toEqual({ kind: "audio", mimeType: "audio/ogg" });
  expect(detectMedia(OGG, "image")).toBeNull();
  expect(detectMedia(bytes("<html>"), "image")).toBeNull();
});

test("a recording in a film's container is a recording when it came as one", () => {
  expect(detectMedia(MP4, "audio")).toEqual({ kind: "audio", mimeType: "audio/mp4" });
  expect(detectMedia(M4A, "audio")).toEqual({ kind: "audio", mimeType: "audio/mp4" });
  expect(detectMedia(MP4, "video")).toEqual({ kind: "video", mimeType: "video/mp4" });
});

test("what is sent as a document is what it is", () => {
  expect(detectMedia(JPEG, "document")?.kind).toBe("image");
  expect(detectMedia(OGG, "document")?.kind).toBe("audio");
  expect(detectMedia(bytes("%PDF-1.7"), "document")?.mimeType).toBe("application/pdf");
  expect(detectMedia(bytes("Dear all"), "document")?.kind).toBe("document");
});

test("a text in UTF-16 is no music", () => {
  const text = bytes("\xff\xfeD\0e\0a\0r\0 \0a\0l\0l\0");
  expect(detectMedia(text, "document")?.kind).toBe("document");
  expect(detectMedia(bytes("\xff\xfb\x90\x64............"), "document")?.mimeType).toBe(
    "audio/mpeg",
  );
});

test.for(["heic", "heix", "mif1", "avif"])("a picture of the brand %s is no film", (brand) => {
  const detected = detectMedia(bytes(`\0\0\0\x18ftyp${brand}\0\0\0\0`), "document");
  expect(detected?.kind).toBe("image");
  expect(detected !== null && isUnseenFormat(detected)).toBe(true);
});
