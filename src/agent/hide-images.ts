import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FilePart,
  LanguageModelV4TextPart,
} from "@ai-sdk/provider";

type UserPart = LanguageModelV4TextPart | LanguageModelV4FilePart;

/** What stands in the place of a picture that a model cannot be given. */
const HIDDEN: LanguageModelV4TextPart = {
  type: "text",
  text: "[You cannot see this picture. Say so politely and ask them to describe it in words.]",
};

/**
 * The same call without the pictures that are larger than the model takes (0: it takes none), since a
 * fallback model may see less than the one before it.
 */
export function hideImages(
  options: LanguageModelV4CallOptions,
  sizeBytesMax: number,
): LanguageModelV4CallOptions {
  const isHidden = (part: UserPart) => part.type === "file" && sizeOf(part) > sizeBytesMax;
  return {
    ...options,
    prompt: options.prompt.map((message) => {
      if (message.role !== "user" || !message.content.some(isHidden)) return message;
      const content = message.content.map((part) => (isHidden(part) ? HIDDEN : part));
      return { ...message, content };
    }),
  };
}

function sizeOf({ data }: LanguageModelV4FilePart): number {
  return data.type === "data" ? data.data.length : 0;
}
