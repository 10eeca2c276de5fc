import type { LanguageModelV4CallOptions, LanguageModelV4FilePart } from "@ai-sdk/provider";

/** What stands in the place of a picture that a model cannot be given. */
const HIDDEN =
  "[You cannot see this picture. Say so politely and ask them to describe it in words.]";

/**
 * The same call without the pictures that are larger than the model takes (0: it takes none), since a
 * fallback model may see less than the one before it.
 */
export function hideImages(
  options: LanguageModelV4CallOptions,
  sizeBytesMax: number,
): LanguageModelV4CallOptions {
  return {
    ...options,
    prompt: options.prompt.map((message) =>
      message.role !== "user"
        ? message
        : {
            ...message,
            content: message.content.map((part) =>
              part.type === "file" && sizeOf(part) > sizeBytesMax
                ? { type: "text" as const, text: HIDDEN }
                : part,
            ),
          },
    ),
  };
}

function sizeOf({ data }: LanguageModelV4FilePart): number {
  return data.type === "data" ? data.data.length : 0;
}
