/**
 * JSON as Meta writes it: everything outside ASCII as `\uXXXX` in lower case, and `/` as `\/`.
 * A receiver that signs its own re-serialization instead of the raw bytes fails on this, as it
 * would in production.
 */
export function serializeLikeMeta(payload: unknown): string {
  // Without the `u` flag on purpose: an emoji has to become its two UTF-16 escapes.
  return JSON.stringify(payload)
    .replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replaceAll("/", "\\/");
}
