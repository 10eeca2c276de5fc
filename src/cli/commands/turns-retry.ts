import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { OrganizationId } from "#domain/ids.ts";
import { asSystem, asTenant, type TenantDatabase } from "#store/as-tenant.ts";
import { insertOperatorAudit } from "#store/audit-logs.ts";
import { postToMailbox } from "#store/mailboxes.ts";
import { type EndedTurn, findTurn, findTurnOrganization, lockEndedTurn } from "#store/turns.ts";
import { type CommandDeps, defineCommand } from "./command.ts";
import { wakeWorkers } from "./wake-workers.ts";

/** `turns retry`. */
export const turnsRetry = defineCommand({
  name: "turns retry",
  summary: "Answer the messages of a failed turn once more.",
  details:
    "Refuses when a later turn has answered in the same conversation, when a tool of this one may have changed something outside, or when WhatsApp's 24 hours are over.",
  examples: ["./parley turns retry 0199f6a0-7c1e-7d3a-9b52-1f0f6a1f2b3c"],
  input: z.strictObject({
    id: z
      .uuid("is not an id; ./parley turns list --status failed shows them")
      .meta({ positional: true })
      .describe("Id of a failed turn."),
  }),
  view: { kind: "record" },
  async *run(deps, input) {
    const organizationId = await getOrganizationOfTurn(deps, input.id);
    const posted = await asTenant(deps.database.db, organizationId, async (tenant) => {
      const turn = await lockEndedTurn(tenant, input.id);
      assertRetryable(turn);
      await postAgain(tenant, organizationId, { id: input.id, turn });
      return turn;
    });
    await wakeWorkers(deps);
    yield { id: input.id, key: posted.key, messages: posted.payloads.length, state: "waiting" };
  },
});

async function getOrganizationOfTurn(deps: CommandDeps, id: string): Promise<OrganizationId> {
  const { db } = deps.database;
  const organizationId = await asSystem(db, (system) => findTurnOrganization(system, id));
  if (organizationId !== null) return organizationId;
  const turn = await asSystem(db, (system) => findTurn(system, id));
  if (turn === null)
    throw new AppError("NOT_FOUND", "There is no turn of this id. ./parley turns list shows them.");
  throw new AppError(
    "CONFLICT",
    turn.state === "waiting" || turn.state === "running"
      ? "This turn is still under way, and is tried again by itself. ./parley turns show tells what it waits for."
      : "This is a run of a schedule, which runs again by itself.",
  );
}

function assertRetryable(turn: EndedTurn | null): asserts turn is EndedTurn {
  const reason = turn === null ? "This turn is gone." : whyNot(turn);
  if (reason !== null) throw new AppError("CONFLICT", reason);
}

/** Why a turn may not be tried again; null when it may. */
function whyNot(turn: EndedTurn): string | null {
  switch (turn.status) {
    case "done":
      return "This turn has not failed: it was answered.";
    case "superseded":
      return "This turn has not failed: newer messages made its draft stale, and a later turn answers all of them.";
    case "skipped":
      return "This turn has not failed: there was nothing to answer, as when a colleague had taken over.";
    case "failed":
      break;
  }
  if (turn.isPosted) return "This turn is being tried again already.";
  if (turn.takenBy !== null)
    return `This turn was tried again already: see ./parley turns show ${turn.takenBy.id}.`;
  if (turn.answeredBy !== null)
    return `A later turn (${turn.answeredBy}) has answered in this conversation since.`;
  if (turn.changedOutside !== null)
    return `This turn has called the tool ${turn.changedOutside}, which may have changed something outside; another turn would call it again. Write to the customer instead.`;
  if (turn.uncertain > 0)
    return "A message of this turn may have been sent: its outcome is unknown, and sending it twice is worse.";
  if (turn.windowClosed)
    return "The person's last message is older than 24 hours, so WhatsApp takes no answer any more.";
  return null;
}

async function postAgain(
  tenant: TenantDatabase,
  organizationId: OrganizationId,
  again: { readonly id: string; readonly turn: EndedTurn },
): Promise<void> {
  const { key, handler, coalesces, payloads } = again.turn;
  for (const payload of payloads)
    await postToMailbox(tenant, { key, organizationId, handler, coalesces, payload, waitMs: 0 });
  await insertOperatorAudit(tenant, organizationId, {
    action: "turn.retried",
    targetType: "turn",
    targetId: again.id,
    changes: { key, messages: payloads.length },
  });
}
