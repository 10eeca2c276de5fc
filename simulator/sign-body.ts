import { createHmac } from "node:crypto";

/** The value of Meta's `X-Hub-Signature-256` header: HMAC-SHA256 of the bytes that are sent. */
export function signBody(appSecret: string, body: string | Uint8Array): string {
  return `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}`;
}
