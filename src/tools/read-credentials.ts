import type { OrganizationId } from "#domain/ids.ts";
import type { JsonObject, JsonValue } from "#domain/webhook-event.ts";
import { isSealed, type KeyRing } from "#platform/key-ring.ts";

/** The credentials of an integration, opened, and sealed again where they were not. */
export type ReadCredentials = {
  readonly opened: Readonly<Record<string, string>>;
  /** What to store in place of what was read; null: it is sealed as it should be. */
  readonly sealed: Readonly<Record<string, string>> | null;
};

const COLUMN = "credentials";

/**
 * Opens the values of `org_integrations.credentials`. A plain one, as a row written by SQL has it, is
 * taken as it is and sealed for the future. Throws KEY_RING_MISMATCH.
 */
export function readCredentials(
  keyRing: Pick<KeyRing, "open" | "seal">,
  organizationId: OrganizationId,
  stored: JsonObject,
): ReadCredentials {
  const texts = Object.entries(stored).map(([name, value]) => {
    const text = credentialText(value);
    return { name, text, isOpen: !isSealed(text) };
  });
  const context = { organizationId, column: COLUMN };
  const opened = texts.map(
    ({ name, text, isOpen }) => [name, isOpen ? text : keyRing.open(text, context)] as const,
  );
  const sealed = () =>
    texts.map(
      ({ name, text, isOpen }) => [name, isOpen ? keyRing.seal(text, context) : text] as const,
    );
  return {
    opened: Object.fromEntries(opened),
    sealed: texts.some(({ isOpen }) => isOpen) ? Object.fromEntries(sealed()) : null,
  };
}

/** A stored credential as text: of what is none, as somebody may have written it by SQL, the JSON. */
export const credentialText = (stored: JsonValue): string =>
  typeof stored === "string" ? stored : JSON.stringify(stored);

/** Seals credentials for `org_integrations.credentials`. */
export function sealCredentials(
  keyRing: Pick<KeyRing, "seal">,
  organizationId: OrganizationId,
  credentials: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const context = { organizationId, column: COLUMN };
  return Object.fromEntries(
    Object.entries(credentials).map(([name, value]) => [name, keyRing.seal(value, context)]),
  );
}
