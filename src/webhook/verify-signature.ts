import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Whether Meta signed these bytes with this app secret (`X-Hub-Signature-256: sha256=<hex>`).
 *
 * The signature covers the bytes as they came over the wire, so it must be checked before any JSON
 * parsing: Meta escapes non-ASCII characters, and a re-serialised body differs. The comparison
 * takes the same time whatever the difference is. A header of any odd form (absent, repeated,
 * not hex) is a wrong signature, never an exception; so is an empty secret, which anybody knows.
 */
export function verifySignature(input: {
  readonly rawBody: Uint8Array;
  readonly header: unknown;
  readonly secret: string;
}): boolean {
  const received = decodeHeader(input.header);
  if (received === undefined || input.secret === "") return false;

  const expected = createHmac("sha256", input.secret).update(input.rawBody).digest();
  return timingSafeEqual(expected, received);
}

function decodeHeader(header: unknown): Uint8Array | undefined {
  if (typeof header !== "string") return undefined;
  const hex = /^sha256=([0-9a-f]{64})$/iu.exec(header)?.[1];
  return hex === undefined ? undefined : Buffer.from(hex, "hex");
}
