/** A picture that a model was given. */
export type ModelImage = { readonly mimeType: string; readonly base64: string };

/**
 * The pictures in a request, in their order and in whatever dialect: OpenAI's data addresses, Gemini's
 * `inlineData`, Anthropic's `source`.
 */
export function findImages(body: unknown): readonly ModelImage[] {
  if (typeof body === "string") return fromDataUrl(body);
  if (Array.isArray(body)) return body.flatMap(findImages);
  if (typeof body !== "object" || body === null) return [];
  const fields: Readonly<Record<string, unknown>> = { ...body };
  const mimeType = fields["mimeType"] ?? fields["media_type"];
  const { data } = fields;
  if (typeof mimeType === "string" && typeof data === "string")
    return mimeType.startsWith("image/") ? [{ mimeType, base64: data }] : [];
  return Object.values(fields).flatMap(findImages);
}

function fromDataUrl(text: string): readonly ModelImage[] {
  const [, mimeType = "", base64 = ""] = /^data:(image\/[\w+.-]+);base64,(.*)$/s.exec(text) ?? [];
  return mimeType === "" ? [] : [{ mimeType, base64 }];
}
