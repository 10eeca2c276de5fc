import type { HistoryEntry } from "#domain/conversation.ts";
import type { ObjectStorage } from "#providers/object-storage/object-storage.ts";
import { IMAGES_BYTES_MAX, IMAGES_MAX } from "./media-limits.ts";

/** Bytes of pictures, by their key in the storage. */
export type LoadedImages = ReadonlyMap<string, Uint8Array>;

/**
 * Loads the newest pictures of a turn's messages for its model, within limits. One that the storage does
 * not give is left out, and the model is told that it cannot see it.
 */
export async function loadImages(
  { storage }: { readonly storage: Pick<ObjectStorage, "get"> },
  incoming: readonly HistoryEntry[],
): Promise<LoadedImages> {
  const images = new Map<string, Uint8Array>();
  let sizeBytes = 0;
  for (const { media } of incoming.toReversed()) {
    if (media?.kind !== "image" || media.storageKey === null || images.size === IMAGES_MAX)
      continue;
    sizeBytes += media.sizeBytes ?? 0;
    if (sizeBytes > IMAGES_BYTES_MAX) break;
    const bytes = await storage.get(media.storageKey).catch(() => null);
    if (bytes !== null) images.set(media.storageKey, bytes);
  }
  return images;
}
