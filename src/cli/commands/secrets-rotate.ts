import { z } from "zod";
import { type Caller, defineComposedCommand } from "./command.ts";
import { secretsReseal } from "./secrets-reseal.ts";

/** `secrets rotate`. */
export const secretsRotate = defineComposedCommand({
  name: "secrets rotate",
  summary: "Seal every stored secret anew, under the first key of ENCRYPTION_KEYS.",
  details:
    "Access tokens, app secrets, credentials of tools, and what calls of tools were given and gave back. Give every process the new ring first, with the old key behind the new one: docs/operate/upgrades.md has the steps. It works while everything runs, overwrites nothing that others change, can be interrupted, and does nothing the second time. Ends with 1 while something is left under another key, and says what to do: keep the old key until nothing is.",
  examples: [
    "./parley secrets rotate",
    "./parley secrets rotate --check",
    "./parley secrets rotate --json",
  ],
  input: z.strictObject({
    check: z
      .boolean()
      .default(false)
      .describe("Change nothing, only count what is left under another key than the first."),
  }),
  view: {
    kind: "table",
    columns: ["kind", "checked", "resealed", "left"],
    whenEmpty: "There is nothing.",
  },
  isFailure: (row) => row["left"] !== 0,
  async *compose(caller, { check }) {
    const kinds: Kind[] = [];
    try {
      for await (const row of caller.call(secretsReseal, { check })) {
        const told = Told.parse(row);
        if ("step" in told) {
          caller.progress(told.step);
          continue;
        }
        kinds.push(told);
        yield told;
      }
    } finally {
      caller.progress("");
    }
    conclude(caller, kinds, check ? "counted" : "resealed");
  },
});

const Kind = z.object({
  kind: z.string(),
  checked: z.number(),
  resealed: z.number(),
  left: z.number(),
  unopenable: z.number(),
  named: z.array(
    z.object({ organization: z.string(), name: z.string(), id: z.string(), place: z.string() }),
  ),
});
type Kind = z.infer<typeof Kind>;

const Told = z.union([z.strictObject({ step: z.string() }), Kind]);

/** Says which secrets no key opens, and what the figures mean. */
function conclude(
  { notice }: Pick<Caller, "notice">,
  kinds: readonly Kind[],
  done: "counted" | "resealed",
): void {
  for (const { kind, named, unopenable } of kinds) {
    for (const { organization, name, id, place } of named)
      notice(`No key of the ring opens ${place} of ${name} (${kind}, ${organization}, ${id}).`);
    if (unopenable > named.length)
      notice(`No key of the ring opens ${unopenable - named.length} more (${kind}).`);
  }
  const left = sum(kinds, ({ left: some }) => some);
  const unopenable = sum(kinds, ({ unopenable: some }) => some);
  if (left === 0)
    notice("Everything is sealed under the first key: the others may be taken out of the ring.");
  else if (done === "counted")
    notice(
      `${left} secret(s) are not sealed under the first key. Keep the other keys, and run ./parley secrets rotate.`,
    );
  if (done === "counted") return;
  if (unopenable > 0)
    notice(
      `${unopenable} secret(s) were left as they are, since no key opens them. Add the key that sealed them to ENCRYPTION_KEYS and run this again, or enter them anew with ./parley chatbot update or ./parley tool add. Those of confirmations and calls of tools go by themselves after TURN_RETENTION_DAYS.`,
    );
  if (left > unopenable)
    notice(
      `${left - unopenable} secret(s) were written under another key meanwhile, or somebody is changing them: give all processes the same ENCRYPTION_KEYS, restart them, and run this again.`,
    );
}

const sum = (kinds: readonly Kind[], of: (kind: Kind) => number): number =>
  kinds.reduce((total, kind) => total + of(kind), 0);
