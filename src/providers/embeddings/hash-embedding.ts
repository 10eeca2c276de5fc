import { crc32 } from "node:zlib";
import { tokenize } from "#domain/tokenize.ts";
import { EMBEDDING_DIMENSIONS } from "./embedding.ts";
import { rotate } from "./rotate.ts";

/** Weights of a word's features; facts/rag: close to the best of what needs no corpus. */
const PREFIX_LETTERS = 5;
const PREFIX_WEIGHT = 0.7;
const TRIGRAM_WEIGHT = 0.3;

/** Short words of ASCII letters are mostly articles and the like. */
const ASCII = /^[\x21-\x7e]+$/u;
const TWO_LETTERS_WEIGHT = 0.35;
const THREE_LETTERS_WEIGHT = 0.6;

/**
 * An embedding without a model: words, their beginnings and their letter trigrams, hashed into
 * 1536 dimensions, of length 1. Texts that share words or letters are near each other. It knows
 * letters and no meaning: no synonym, no translation.
 */
export function hashEmbedding(text: string): number[] {
  const features = new Map<string, { count: number; weight: number }>();
  const words = tokenize(text);
  // A text without any word still needs a direction: cosine of nothing is no number.
  for (const word of words.length === 0 ? [""] : words) addFeatures(features, word);
  const vector = new Float64Array(EMBEDDING_DIMENSIONS);
  for (const [feature, { count, weight }] of features) {
    const hash = mix(crc32(feature));
    const index = (hash >>> 1) % EMBEDDING_DIMENSIONS;
    const sign = (hash & 1) === 0 ? 1 : -1;
    vector[index] = (vector[index] ?? 0) + sign * weight * (1 + Math.log(count));
  }
  const length = Math.hypot(...vector) || 1;
  return Array.from(rotate(vector), (value) => value / length);
}

function addFeatures(features: Map<string, { count: number; weight: number }>, word: string): void {
  const add = (feature: string, weight: number) => {
    const known = features.get(feature);
    if (known === undefined) features.set(feature, { count: 1, weight });
    else known.count += 1;
  };
  const letters = Array.from(word);
  const factor = ASCII.test(word) ? shortWordFactor(letters.length) : 1;
  add(`word:${word}`, factor);
  if (letters.length > PREFIX_LETTERS) {
    add(`prefix:${letters.slice(0, PREFIX_LETTERS).join("")}`, PREFIX_WEIGHT * factor);
  }
  const marked = ["^", ...letters, "$"];
  for (let index = 2; index < marked.length; index += 1) {
    const trigram = `${marked[index - 2]}${marked[index - 1]}${marked[index]}`;
    add(`letters:${trigram}`, TRIGRAM_WEIGHT * factor);
  }
}

function shortWordFactor(letters: number): number {
  if (letters <= 2) return TWO_LETTERS_WEIGHT;
  return letters === 3 ? THREE_LETTERS_WEIGHT : 1;
}

/** Spreads a checksum over all 32 bits (the last step of MurmurHash3): its own bits hang together. */
function mix(checksum: number): number {
  let hash = checksum ^ (checksum >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
