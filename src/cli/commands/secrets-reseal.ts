import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import { asSystem } from "#store/as-tenant.ts";
import {
  findKeyRingCheck,
  KEY_RING_CHECK_CONTEXT,
  replaceKeyRingCheck,
} from "#store/key-ring-check.ts";
import {
  countSecrets,
  SECRET_KINDS,
  type SecretCount,
  type SecretKind,
  type StaleSecret,
} from "#store/sealed-secrets.ts";
import { type CommandDeps, defineCommand, type Row } from "./command.ts";
import { resealSecrets } from "./reseal-secrets.ts";

/** Rows counted in one statement. */
const COUNT_ROWS = 2_000;
/** So many unopenable secrets of a kind are named; all are counted. */
const NAMED_MAX = 100;

/**
 * Seals everything under the first key and then counts what is not, or counts only. A row for each step on
 * the way, with what is done of a kind, and one for each kind when it is known what is left.
 */
export const secretsReseal = defineCommand({
  name: "secrets reseal",
  isInternal: true,
  summary: "Seal secrets under the first key, or count them.",
  examples: [],
  input: z.strictObject({ check: z.boolean() }),
  view: { kind: "record" },
  async *run(deps, { check }) {
    const done = new Map<SecretKind, Done>();
    if (!check) for (const kind of SECRET_KINDS) done.set(kind, yield* reseal(deps, kind));
    const ofCheck = check ? NOTHING : await resealKeyRingCheck(deps);
    // Only now: somebody whose ring begins with an older key may have written behind the one that rotates.
    for (const kind of SECRET_KINDS) {
      const counted = yield* count(deps, kind);
      yield toRow(kind, done.get(kind) ?? NOTHING, counted);
    }
    yield toRow(KEY_RING_CHECK, ofCheck, await countKeyRingCheck(deps));
  },
});

const KEY_RING_CHECK = "key ring check";

type Done = {
  readonly resealed: number;
  readonly unopenable: number;
  readonly named: readonly Named[];
};
const NOTHING: Done = { resealed: 0, unopenable: 0, named: [] };

/** Which secret it is, without what it holds. */
type Named = Pick<StaleSecret, "organization" | "name" | "id" | "place">;

async function* reseal(deps: CommandDeps, kind: SecretKind): AsyncGenerator<Row, Done> {
  let [checked, resealed, unopenable] = [0, 0, 0];
  const named: Named[] = [];
  for await (const page of resealSecrets(deps, kind)) {
    checked += page.checked;
    resealed += page.resealed;
    unopenable += page.unopenable.length;
    const some = page.unopenable.slice(0, NAMED_MAX - named.length);
    named.push(
      ...some.map(({ organization, name, id, place }) => ({ organization, name, id, place })),
    );
    yield { step: `${kind}: ${resealed} of ${checked} sealed anew` };
  }
  return { resealed, unopenable, named };
}

async function* count(deps: CommandDeps, kind: SecretKind): AsyncGenerator<Row, SecretCount> {
  const { prefix } = deps.keyRing;
  let [checked, stale] = [0, 0];
  let before: string | null = null;
  do {
    const page = { prefix, before, rows: COUNT_ROWS };
    const counted: Awaited<ReturnType<typeof countSecrets>> = await asSystem(
      deps.database.db,
      (system) => countSecrets(system, kind, page),
    );
    checked += counted.checked;
    stale += counted.stale;
    before = counted.next;
    yield { step: `${kind}: ${checked} counted` };
  } while (before !== null);
  return { checked, stale };
}

async function resealKeyRingCheck({ database, keyRing }: CommandDeps): Promise<Done> {
  const read = await findKeyRingCheck(database.db);
  if (read === null || read.startsWith(keyRing.prefix)) return NOTHING;
  try {
    const sealed = keyRing.seal(keyRing.open(read, KEY_RING_CHECK_CONTEXT), KEY_RING_CHECK_CONTEXT);
    const isReplaced = await replaceKeyRingCheck(database.db, { read, sealed });
    return { ...NOTHING, resealed: isReplaced ? 1 : 0 };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "KEY_RING_MISMATCH") throw error;
    const named = { organization: "", name: KEY_RING_CHECK, id: "", place: "sealed" };
    return { ...NOTHING, unopenable: 1, named: [named] };
  }
}

async function countKeyRingCheck({ database, keyRing }: CommandDeps): Promise<SecretCount> {
  const sealed = await findKeyRingCheck(database.db);
  if (sealed === null) return { checked: 0, stale: 0 };
  return { checked: 1, stale: sealed.startsWith(keyRing.prefix) ? 0 : 1 };
}

const toRow = (kind: string, done: Done, { checked, stale }: SecretCount): Row => ({
  kind,
  checked,
  resealed: done.resealed,
  left: stale,
  unopenable: done.unopenable,
  named: done.named,
});
