import { asSystem } from "#store/as-tenant.ts";
import { findKeyRingCheck } from "#store/key-ring-check.ts";
import { countSecretsAtEnds, SECRET_KINDS } from "#store/sealed-secrets.ts";
import type { CommandDeps } from "./command.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** Rows at each end of a table that are looked at: some milliseconds, however many there are. */
const ROWS = 2_000;

/** Whether something is sealed under another key than the first. Opens nothing. */
export async function checkOldKeys({ database, keyRing }: CommandDeps): Promise<Finding> {
  const { prefix } = keyRing;
  const known = await findKeyRingCheck(database.db);
  const isCheckStale = known !== null && !known.startsWith(prefix);
  const counts = await asSystem(database.db, async (system) => {
    const found: { readonly kind: string; readonly stale: number }[] = [];
    for (const kind of SECRET_KINDS)
      found.push({ kind, ...(await countSecretsAtEnds(system, kind, { prefix, rows: ROWS })) });
    return found;
  });
  const stale = [...counts, { kind: "key ring check", stale: isCheckStale ? 1 : 0 }].filter(
    (kind) => kind.stale > 0,
  );
  if (stale.length === 0) return ok("old keys", "Nothing is sealed under an older key.");
  return warning(
    "old keys",
    `Not under the first key of ENCRYPTION_KEYS: ${stale.map((kind) => `${kind.stale} of ${kind.kind}`).join(", ")}, at least. Run ./parley secrets rotate, and keep the older keys in the ring until it says that nothing is left.`,
  );
}
