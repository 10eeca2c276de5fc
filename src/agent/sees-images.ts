import type { MediaSettings } from "#domain/conversation.ts";

const MEBIBYTE = 1024 * 1024;

/** Models that read text only, by provider. Sources: the model lists of the providers, November 2026. */
const BLIND: ReadonlyMap<string, RegExp> = new Map([
  [
    "openai",
    /^(gpt-3\.5|gpt-4($|-\d{4}$|-32k)|o1-mini|o1-preview|o3-mini|gpt-oss|davinci|babbage)/,
  ],
  ["google", /^gemma-[12]/],
  ["anthropic", /^claude-(instant|1|2)/],
]);

/** Anthropic counts 5 MB in base64, which is a third longer than the bytes. The others take more than Meta. */
const ANTHROPIC_BYTES_MAX = Math.floor(3.75 * MEBIBYTE);

/**
 * Largest picture that a model may be given, in bytes; 0 for one that sees none. What an own server
 * runs, only the chatbot's settings know.
 */
export function imageBytesMax(model: string, images: MediaSettings["images"]): number {
  const provider = model.slice(0, model.indexOf(":"));
  if (images === "no" || provider === "demo") return 0;
  const sees =
    images === "yes" || BLIND.get(provider)?.test(model.slice(provider.length + 1)) === false;
  if (!sees) return 0;
  return provider === "anthropic" ? ANTHROPIC_BYTES_MAX : Number.POSITIVE_INFINITY;
}
