import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { AppError } from "#domain/errors.ts";

/** Bytes of an AES-256 key. */
const KEY_BYTES = 32;
/** Sizes that NIST SP 800-38D recommends for GCM. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * What a secret belongs to. It is bound into the seal: a sealed token copied into another tenant's
 * row, or into another column, does not open.
 */
export type SealContext = { readonly organizationId: string; readonly column: string };

/** Seals secrets with the first key and opens them with any. */
export type KeyRing = {
  readonly seal: (secret: string, context: SealContext) => string;
  /** @throws AppError KEY_RING_MISMATCH when no key opens it, or it was tampered with. */
  readonly open: (sealed: string, context: SealContext) => string;
  /** How all that the first key seals begins. What begins otherwise waits for `secrets rotate`. */
  readonly prefix: string;
};

/** A new random key in the form that ENCRYPTION_KEYS takes. */
export const generateKey = (): string => randomBytes(KEY_BYTES).toString("base64");

/** Whether a text has the form of a sealed secret. */
export const isSealed = (text: string): boolean => /^v1\.[0-9a-f]{8}\.[\w-]+$/.test(text);

/**
 * AES-256-GCM under a ring of keys.
 * @param keys base64 of 32 bytes each; the first one seals.
 */
export function createKeyRing(keys: readonly [string, ...string[]]): KeyRing {
  const ring = keys.map((key) => parseKey(key));
  const [first] = ring;
  return {
    seal: (secret, context) => {
      if (first === undefined)
        throw new AppError("SETTINGS_INVALID", "ENCRYPTION_KEYS holds no key");
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", first.key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(associatedData(context));
      const text = Buffer.concat([
        nonce,
        cipher.update(secret, "utf8"),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      return `${prefixOf(first.id)}${text.toString("base64url")}`;
    },
    open: (sealed, context) => {
      const [version, id, body] = sealed.split(".");
      const key = ring.find((candidate) => candidate.id === id);
      if (version !== "v1" || key === undefined || body === undefined)
        throw new AppError("KEY_RING_MISMATCH", "No key of ENCRYPTION_KEYS opens this secret");
      const bytes = Buffer.from(body, "base64url");
      try {
        const decipher = createDecipheriv("aes-256-gcm", key.key, bytes.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(associatedData(context));
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        return (
          decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, "utf8") +
          decipher.final("utf8")
        );
      } catch (cause) {
        throw new AppError(
          "KEY_RING_MISMATCH",
          "A sealed secret does not belong here, or was changed",
          { cause },
        );
      }
    },
    prefix: prefixOf(first?.id ?? ""),
  };
}

const prefixOf = (id: string): string => `v1.${id}.`;

function parseKey(text: string): { readonly id: string; readonly key: KeyObject } {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== KEY_BYTES)
    throw new AppError("SETTINGS_INVALID", "ENCRYPTION_KEYS: each key must be base64 of 32 bytes");
  const id = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  return { id, key: createSecretKey(bytes) };
}

const associatedData = (context: SealContext): Buffer =>
  Buffer.from(`${context.organizationId}/${context.column}`);
