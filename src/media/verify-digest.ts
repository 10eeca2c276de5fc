import { createHash } from "node:crypto";

/** SHA-256 of a file, in hexadecimal. */
export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Whether a file is the one that a webhook announced. Meta writes the digest in base64 in webhooks and
 * in hexadecimal elsewhere. Nothing announced, nothing to compare.
 */
export function isAnnounced(sha256: string, announced: string | undefined): boolean {
  if (announced === undefined || announced.trim() === "") return true;
  const given = announced.trim();
  if (/^[0-9a-f]{64}$/i.test(given)) return given.toLowerCase() === sha256;
  return Buffer.from(given, "base64").toString("hex") === sha256;
}
