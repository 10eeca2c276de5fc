import { randomBytes } from "node:crypto";

/** Who wrote the message; Meta marks the direction inside the id. */
export type MessageDirection = "inbound" | "outbound";

/**
 * A message id in Meta's format: `wamid.` and base64 of a small binary that holds the person's
 * phone number (or user id) and a random part, laid out as in Meta's own samples. Always random,
 * never seeded: ids must stay unique over restarts, because a database on the other side remembers
 * them.
 */
export function createMessageId(person: string, direction: MessageDirection): string {
  const random =
    direction === "inbound"
      ? `3A${randomBytes(9).toString("hex").toUpperCase()}`
      : randomBytes(9).toString("hex").toUpperCase();
  const binary = Buffer.concat([
    Buffer.from([0x1c, 0x18, Buffer.byteLength(person)]),
    Buffer.from(person),
    Buffer.from([0x15, 0x02, 0x00, direction === "inbound" ? 0x12 : 0x11, 0x18, random.length]),
    Buffer.from(random),
    Buffer.from([0x00]),
  ]);
  return `wamid.${binary.toString("base64")}`;
}
