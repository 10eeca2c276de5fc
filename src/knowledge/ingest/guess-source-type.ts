import { detectType } from "#knowledge/extract/detect-type.ts";

const SOURCE_TYPE = /^[a-z][a-z0-9_]*$/;

/**
 * What kind of document this is: by its bytes; where they are of no known kind, what the uploader says,
 * until reading it tells why it cannot be read.
 */
export function guessSourceType(
  original: {
    readonly bytes: Uint8Array | null;
    readonly url: string | null;
    readonly name: string;
  },
  declared: string | undefined,
): string {
  if (original.bytes === null) return "url";
  try {
    const file = { bytes: original.bytes, name: original.name, url: null, charset: null };
    return detectType(file).extractor.sourceType;
  } catch {
    return declared !== undefined && SOURCE_TYPE.test(declared) ? declared : "file";
  }
}
