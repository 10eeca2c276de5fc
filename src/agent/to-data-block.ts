import type { JsonObject } from "#domain/webhook-event.ts";

/** JSON in a block that its content cannot close, since its angle brackets are escaped. */
export function toDataBlock(value: JsonObject): string {
  return `<data>${JSON.stringify(value).replaceAll("<", "\\u003c")}</data>`;
}
