/** A multipart upload: its text fields and its first file. */
export type Upload = {
  readonly fields: Readonly<Record<string, string>>;
  readonly file:
    | { readonly bytes: Uint8Array; readonly mimeType: string; readonly filename: string }
    | undefined;
};

/** Parses `multipart/form-data`; undefined when the body is not that. */
export async function parseMultipart(
  body: unknown,
  contentType: string | undefined,
): Promise<Upload | undefined> {
  if (!(body instanceof Uint8Array) || contentType === undefined) return undefined;
  const bytes = new Uint8Array(body);
  const form = await new Response(bytes, { headers: { "content-type": contentType } })
    // oxlint-disable-next-line typescript/no-deprecated -- the warning is about hostile uploads; these come from tests
    .formData()
    .catch(() => undefined);
  if (form === undefined) return undefined;
  const fields: Record<string, string> = {};
  let file: Upload["file"] = undefined;
  for (const [name, value] of form.entries()) {
    if (typeof value === "string") fields[name] = value;
    else
      file = {
        bytes: new Uint8Array(await value.arrayBuffer()),
        mimeType: value.type,
        filename: value.name,
      };
  }
  return { fields, file };
}
