import { AppError } from "#domain/errors.ts";

/** Keeps the originals of documents, by keys that begin with the organization. */
export type ObjectStorage = {
  /** Stores an object whole or not at all, over one of the same key. */
  readonly put: (key: string, bytes: Uint8Array) => Promise<void>;
  /** @throws AppError NOT_FOUND when there is none. */
  readonly get: (key: string) => Promise<Uint8Array>;
  /** Removes an object; none is fine. */
  readonly remove: (key: string) => Promise<void>;
  /** Removes all objects whose key begins with the folder, such as those of a chatbot. */
  readonly removeAll: (folder: string) => Promise<void>;
};

const PART = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const ORGANIZATION = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A key from its parts, the organization's id first. No part can lead out of the storage: they are
 * ids and hashes of ours, never names that people chose.
 */
export function objectKey(organizationId: string, ...parts: readonly string[]): string {
  const key = [organizationId, ...parts].join("/");
  assertKey(key);
  return key;
}

/** @throws AppError INTERNAL for anything that `objectKey` would not make. */
export function assertKey(key: string): void {
  const [organizationId = "", ...parts] = key.split("/");
  if (!ORGANIZATION.test(organizationId) || !parts.every((part) => PART.test(part)))
    throw new AppError("INTERNAL", "An object of the storage has a key that cannot be used");
}

/** Nothing is stored under the key. */
export function objectMissing(cause?: unknown): AppError {
  return new AppError(
    "NOT_FOUND",
    "The original of this document is not in the storage any more.",
    {
      cause,
    },
  );
}
