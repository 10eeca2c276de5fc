import { OWN_INDEX_LIMITS } from "#knowledge/search/keep-own-indexes.ts";
import type { OwnIndex } from "#store/own-indexes.ts";
import { type Finding, ok, warning } from "./finding.ts";

const CHECK = "large chatbots";

/** What is there, and who could build what is missing: nobody on the embedded database. */
export type OwnIndexes = {
  readonly found: readonly Pick<OwnIndex, "passages" | "state">[];
  readonly builder: "embedded" | "not-owner" | "owner";
};

/** Judges whether chatbots with very many passages have their own index. */
export function checkOwnIndexes({ found, builder }: OwnIndexes): Finding {
  const { buildAbove } = OWN_INDEX_LIMITS;
  const size = `more than ${buildAbove.toLocaleString("en")} passages`;
  const large = found.filter(({ passages }) => passages > buildAbove);
  const missing = large.filter(({ state }) => state !== "whole").length;
  if (missing > 0)
    return warning(CHECK, tellMissing(`${missing} chatbot(s) with ${size}`, builder));
  if (large.length > 0)
    return ok(CHECK, `${large.length} chatbot(s) with ${size}, each with an index of its own.`);
  const none = `None has ${size}`;
  switch (builder) {
    case "owner":
      return ok(CHECK, `${none}.`);
    case "embedded":
      return ok(CHECK, `${none}; the embedded database would build no index for it.`);
    case "not-owner":
      return ok(
        CHECK,
        `${none}. This login does not own the tables: it could not build an index for one, ./parley knowledge index with the owner's DATABASE_URL can.`,
      );
  }
}

function tellMissing(which: string, builder: OwnIndexes["builder"]): string {
  switch (builder) {
    case "owner":
      return `${which} search without an index of their own: a worker builds it within the hour, ./parley knowledge index now.`;
    case "embedded":
      return `${which} search without an index of their own, which the embedded database does not build: move to PostgreSQL (docs/operate).`;
    case "not-owner":
      return `${which} search without an index of their own, and this login does not own the tables: run ./parley knowledge index with the owner's DATABASE_URL.`;
  }
}
