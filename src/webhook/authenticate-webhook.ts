import { AppError } from "#domain/errors.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { AppDatabase } from "#store/database.ts";
import { findRoute } from "#store/webhook-events.ts";
import { readPhoneNumberIds } from "./read-phone-number-ids.ts";
import { verifySignature } from "./verify-signature.ts";

export type AuthenticateDeps = {
  readonly db: AppDatabase;
  readonly keyRing: Pick<KeyRing, "open">;
  /** The app secret of the platform's own Meta app. */
  readonly appSecret: string | undefined;
  /** A development setting: webhooks without a signature are believed. */
  readonly allowUnsigned: boolean;
};

/**
 * Who signed a webhook: the platform's app may speak for every number without a secret of its own, a
 * chatbot's app only for numbers with the same secret.
 */
export type WebhookProof =
  | { readonly kind: "platform" }
  | { readonly kind: "chatbot"; readonly secret: string }
  | { readonly kind: "unsigned" };

/**
 * Finds out who signed the bytes, and reads them as JSON.
 * @throws AppError WEBHOOK_SIGNATURE_INVALID or WEBHOOK_BODY_INVALID.
 */
export async function authenticateWebhook(
  deps: AuthenticateDeps,
  delivery: { readonly rawBody: Uint8Array; readonly signature: unknown },
): Promise<{ readonly proof: WebhookProof; readonly body: unknown }> {
  const { rawBody, signature } = delivery;
  if (signature === undefined && deps.allowUnsigned)
    return { proof: { kind: "unsigned" }, body: parseJson(rawBody) };
  if (!isSignatureShaped(signature)) throw invalidSignature();
  if (
    deps.appSecret !== undefined &&
    verifySignature({ rawBody, header: signature, secret: deps.appSecret })
  )
    return { proof: { kind: "platform" }, body: parseJson(rawBody) };

  // Perhaps a chatbot's own app: which one, only the body tells.
  const body = tryParseJson(rawBody);
  for (const secret of await findSecrets(deps, readPhoneNumberIds(body)))
    if (verifySignature({ rawBody, header: signature, secret }))
      return { proof: { kind: "chatbot", secret }, body };
  throw invalidSignature();
}

/** Spares a look into the database for what cannot be a signature. */
function isSignatureShaped(signature: unknown): signature is string {
  return typeof signature === "string" && /^sha256=[0-9a-f]{64}$/i.test(signature);
}

async function findSecrets(
  deps: AuthenticateDeps,
  phoneNumberIds: readonly string[],
): Promise<readonly string[]> {
  const secrets = new Set<string>();
  for (const phoneNumberId of phoneNumberIds) {
    const route = await findRoute(deps.db, phoneNumberId);
    if (route?.sealedAppSecret != null)
      secrets.add(
        deps.keyRing.open(route.sealedAppSecret, {
          organizationId: route.organizationId,
          column: "whatsapp_app_secret",
        }),
      );
  }
  return [...secrets];
}

const decoder = new TextDecoder("utf-8");

function parseJson(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(rawBody));
  } catch (cause) {
    throw new AppError("WEBHOOK_BODY_INVALID", "The webhook's body is not JSON", { cause });
  }
}

function tryParseJson(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(rawBody));
  } catch {
    return null; // unsigned garbage: the signature is what it is refused for
  }
}

function invalidSignature(): AppError {
  return new AppError(
    "WEBHOOK_SIGNATURE_INVALID",
    "The webhook is not signed with a known app secret",
  );
}
