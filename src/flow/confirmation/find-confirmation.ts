import { z } from "zod";
import type { ConversationContext, HistoryEntry } from "#domain/conversation.ts";
import type { OutboundShape } from "#domain/outbound.ts";
import { readYesOrNo } from "#language/read-yes-or-no.ts";
import { sentence } from "#language/sentences.ts";

/** What the customer says to a call that waits for them; `id` is the turn that asked. */
export type FoundConfirmation = { readonly id: string; readonly answer: "yes" | "no" };

/** What follows must be a UUID: the database refuses anything else, and the turn would fail. */
const BUTTON = /^(confirm|cancel):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const Tapped = z.object({ id: z.string() });

/** The buttons that ask for a yes. */
export function confirmationButtons(id: string, language: string | null): OutboundShape {
  return {
    type: "buttons",
    buttons: [
      { id: `confirm:${id}`, title: sentence("confirm", language) },
      { id: `cancel:${id}`, title: sentence("cancel", language) },
    ],
  };
}

/**
 * Finds an answer to such a question among the messages of a turn: a tap on one of its buttons, or a plain
 * yes or no right after it. Of several the last question counts, and one no is a no. A yes that is followed
 * by anything else is taken back: "no wait, Tuesday" must not book the Monday, so the model asks again. Whether
 * the question is this customer's and still open, only the database knows.
 */
export function findConfirmation({
  history,
  incoming,
}: Pick<ConversationContext, "history" | "incoming">): FoundConfirmation | null {
  const open = history.findLast(({ author }) => author !== "customer");
  const openId = open === undefined ? null : askedBy(open);
  const read = incoming.map((entry) => readTap(entry) ?? readWords(entry, openId));
  const answers = read.filter((answer) => answer !== null);
  const last = answers.at(-1);
  if (last === undefined) return null;
  const says = answers.filter(({ id }) => id === last.id).map(({ answer }) => answer);
  if (says.includes("no")) return { id: last.id, answer: "no" };
  const after = read.slice(read.findIndex((answer) => answer !== null));
  return after.includes(null) ? null : { id: last.id, answer: "yes" };
}

function askedBy({ shape }: HistoryEntry): string | null {
  if (shape?.type !== "buttons") return null;
  return readButton(shape.buttons[0]?.id ?? "")?.id ?? null;
}

function readTap({ type, data }: HistoryEntry): FoundConfirmation | null {
  return type === "interactive" ? readButton(Tapped.safeParse(data).data?.id ?? "") : null;
}

function readButton(buttonId: string): FoundConfirmation | null {
  const [, kind, id] = BUTTON.exec(buttonId) ?? [];
  return id === undefined ? null : { id, answer: kind === "confirm" ? "yes" : "no" };
}

function readWords({ type, text }: HistoryEntry, openId: string | null): FoundConfirmation | null {
  const answer = openId === null || type !== "text" ? null : readYesOrNo(text);
  return answer === null || openId === null ? null : { id: openId, answer };
}
