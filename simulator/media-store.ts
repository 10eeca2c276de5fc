import { createHash, randomInt } from "node:crypto";

/** A file that Meta keeps for a while. */
export type Media = {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly mimeType: string;
  /** Hex, as in Meta's answer to a look-up. */
  readonly sha256: string;
  readonly filename: string | null;
};

/** The files of both directions. */
export type MediaStore = {
  readonly add: (
    file: Pick<Media, "bytes" | "mimeType"> & { filename?: string | undefined },
  ) => Media;
  readonly find: (id: string) => Media | undefined;
  readonly remove: (id: string) => boolean;
};

/** Starts without files. */
export function createMediaStore(): MediaStore {
  const files = new Map<string, Media>();
  return {
    add: ({ bytes, mimeType, filename }) => {
      const media: Media = {
        // Meta's ids are long decimal numbers; they must not repeat after a restart.
        id: `${randomInt(1_000_000, 281_474_976_710_655)}${randomInt(100, 999)}`,
        bytes,
        mimeType,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        filename: filename ?? null,
      };
      files.set(media.id, media);
      return media;
    },
    find: (id) => files.get(id),
    remove: (id) => files.delete(id),
  };
}
