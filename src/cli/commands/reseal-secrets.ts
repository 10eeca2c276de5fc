import { AppError } from "#domain/errors.ts";
import type { OrganizationId } from "#domain/ids.ts";
import { isSealed } from "#platform/key-ring.ts";
import { asSystem, asTenant } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import {
  readSecrets,
  replaceSecrets,
  type SecretChange,
  type SecretKind,
  type StaleSecret,
} from "#store/sealed-secrets.ts";
import { credentialText } from "#tools/read-credentials.ts";
import type { CommandDeps } from "./command.ts";

/** How far it is with one kind of secrets. */
export type Resealing = {
  readonly checked: number;
  readonly resealed: number;
  /** Those that no key opens; they are left as they are. */
  readonly unopenable: readonly StaleSecret[];
};

export type ResealDeps = Pick<CommandDeps, "database" | "keyRing" | "clock">;

/** Rows read at once: their secrets, some kilobytes each, are in memory together. */
const PAGE_ROWS = 200;
/** A row that changes meanwhile is looked at again; what is missed in the end is counted as left. */
const ATTEMPTS = 5;
const PAUSE_MS = 100;

/**
 * Seals all secrets of a kind under the first key, page after page from the newest on. Yields after each
 * page, where it may be left. Nobody waits for it, and what others write is never overwritten.
 */
export async function* resealSecrets(
  deps: ResealDeps,
  kind: SecretKind,
): AsyncGenerator<Resealing> {
  let before: string | null = null;
  do {
    const page: Resealing & { readonly next: string | null } = await resealPage(deps, kind, before);
    before = page.next;
    yield page;
  } while (before !== null);
}

async function resealPage(deps: ResealDeps, kind: SecretKind, before: string | null) {
  const { database, keyRing, clock } = deps;
  let resealed = 0;
  for (let attempt = 1; ; attempt += 1) {
    const { next, checked, stale } = await asSystem(database.db, (system) =>
      readSecrets(system, kind, { prefix: keyRing.prefix, before, rows: PAGE_ROWS }),
    );
    const unopenable: StaleSecret[] = [];
    const changes = stale.flatMap((secret) => {
      const sealed = sealAnew(deps, kind, secret);
      if (sealed === null) unopenable.push(secret);
      return sealed === null ? [] : { ...secret, sealed };
    });
    const replaced = await replace(deps, kind, changes);
    resealed += replaced;
    if (replaced === changes.length || attempt === ATTEMPTS)
      return { next, checked, resealed, unopenable };
    await clock.sleep(PAUSE_MS);
  }
}

/** Null: no key opens it. */
function sealAnew(
  { keyRing }: ResealDeps,
  kind: SecretKind,
  { organizationId, place, value }: StaleSecret,
): string | null {
  const context = { organizationId, column: columnOf(kind, place) };
  const text = credentialText(value);
  // A credential that somebody wrote by SQL is taken as it is, as `readCredentials` does.
  if (kind === "tools" && !isSealed(text)) return keyRing.seal(text, context);
  try {
    return keyRing.seal(keyRing.open(text, context), context);
  } catch (error) {
    if (error instanceof AppError && error.code === "KEY_RING_MISMATCH") return null;
    throw error;
  }
}

/** The column that a secret is bound to by those who seal it. */
function columnOf(kind: SecretKind, place: string): string {
  switch (kind) {
    case "chatbots":
      return place;
    case "tools":
      return "credentials";
    case "confirmations":
    case "turns":
      return "tool_confirmations";
    case "tool calls":
      return "tool_executions";
  }
}

type Change = SecretChange & { readonly organizationId: OrganizationId };

/** Through the door of each organization that has a part in it; returns how many were replaced. */
async function replace(
  { database }: ResealDeps,
  kind: SecretKind,
  changes: readonly Change[],
): Promise<number> {
  let replaced = 0;
  for (const [organizationId, own] of Map.groupBy(changes, (change) => change.organizationId))
    replaced += await asTenant(database.db, organizationId, async (tenant) => {
      let secrets = 0;
      for (const [place, some] of Map.groupBy(own, (change) => change.place))
        secrets += (await replaceSecrets(tenant, { kind, place }, some.map(toChange))).length;
      // What chatbots and tools are set up with; the others are records of what they did.
      if (secrets > 0 && (kind === "chatbots" || kind === "tools"))
        await insertOperatorAudit(tenant, organizationId, {
          action: "secrets.resealed",
          targetType: "organization",
          targetId: organizationId,
          changes: { kind, secrets },
        });
      return secrets;
    });
  return replaced;
}

const toChange = ({ id, place, value, sealed }: Change): SecretChange => ({
  id,
  place,
  value,
  sealed,
});
