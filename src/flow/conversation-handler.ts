import type { TurnHandler } from "#mailbox/turn-handler.ts";
import { type AlertOnFailureDeps, alertOnFailure } from "./alert-on-failure.ts";
import { processMessage, type ProcessMessageDeps } from "./process-message.ts";

/** The flow as the mailbox runs it: one turn of a conversation, and what happens when it fails. */
export function createConversationHandler(
  deps: ProcessMessageDeps & AlertOnFailureDeps,
): TurnHandler {
  return {
    run: (session) => processMessage(deps, session),
    fail: (session, error) => alertOnFailure(deps, session, error),
  };
}
