import { createHash } from "node:crypto";

/**
 * A deterministic embedding: each word pushes a few dimensions, so that texts with common words
 * are near each other. The vector has length 1.
 */
export function embedText(text: string, dimensions: number): number[] {
  const vector = Array.from({ length: dimensions }, () => 0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ["(nothing)"]) {
    const hash = createHash("sha256").update(word).digest();
    for (let index = 0; index < 8; index += 1) {
      const position = hash.readUInt16BE(index * 4) % dimensions;
      vector[position] = (vector[position] ?? 0) + (hash.readUInt8(index * 4 + 2) < 128 ? 1 : -1);
    }
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
