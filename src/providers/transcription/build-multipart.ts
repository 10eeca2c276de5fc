import { createHash } from "node:crypto";

/** A file in a form; its name is one of ours and needs no escaping. */
export type FormFile = {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
};

/** A form with one file (`multipart/form-data`), whole in memory as the connections want it. */
export function buildMultipart(
  fields: Readonly<Record<string, string>>,
  file: FormFile,
): { readonly body: Uint8Array<ArrayBuffer>; readonly contentType: string } {
  // Cannot occur in the file, short of breaking SHA-256.
  const boundary = `parley-${createHash("sha256").update(file.bytes).digest("hex")}`;
  const parts = Object.entries(fields).map(
    ([name, value]) =>
      `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${file.name}"\r\ncontent-type: ${file.mimeType}\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(parts.join("") + head),
    file.bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}
