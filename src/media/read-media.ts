import type { MessageMedia } from "#domain/media.ts";
import type { ObjectStorage } from "#providers/object-storage/object-storage.ts";
import {
  type FileToRead,
  hearRecording,
  type HearRecordingDeps,
  type ReadTurn,
} from "./hear-recording.ts";
import { readDocumentText, type ReadDocumentTextDeps } from "./read-document-text.ts";

/** What finding the words of a file needs. */
export type ReadMediaDeps = HearRecordingDeps &
  ReadDocumentTextDeps & { readonly storage: Pick<ObjectStorage, "get"> };

/** A file that is kept; its bytes, if somebody has just fetched it. */
export type StoredFile = Omit<FileToRead, "bytes"> & { readonly bytes: Uint8Array | null };

/** Finds out what a kept file says, if it can say anything. A file that cannot be read is a value. */
export async function readMedia(
  deps: ReadMediaDeps,
  turn: ReadTurn,
  file: StoredFile,
): Promise<MessageMedia> {
  const { media } = file;
  if (media.kind !== "audio" && media.kind !== "document") return media;
  const bytes = file.bytes ?? (await load(deps, media));
  if (bytes === null) return { ...media, reason: "unavailable" };
  const read = media.kind === "audio" ? hearRecording : readDocumentText;
  return read(deps, turn, { ...file, bytes });
}

async function load(
  { storage }: Pick<ReadMediaDeps, "storage">,
  { storageKey }: MessageMedia,
): Promise<Uint8Array | null> {
  return storageKey === null ? null : storage.get(storageKey).catch(() => null);
}
