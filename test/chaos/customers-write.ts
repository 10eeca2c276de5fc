import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "./create-random.ts";
import type { CustomerText } from "./simulator-client.ts";
import type { Arena, Customer } from "./start-arena.ts";

/** A text that was sent, to be found again in exactly one reply. */
export type WrittenText = {
  /** Unique in a run: the fake model repeats it in its answer. */
  readonly label: string;
  readonly customerId: string;
  readonly phoneNumberId: string;
  readonly messageId: string;
  /**
   * Texts of one person with ascending ranks were accepted in that order, since the first was
   * acknowledged before the next was sent; equal ranks are a burst, whose order nobody knows.
   */
  readonly rank: number;
  /** Whether it asks for a call of the tool that changes something. */
  readonly orders: boolean;
};

/** What one person will do, decided beforehand. */
type Utterance = {
  readonly pauseMs: number;
  readonly texts: number;
  /** Of its texts, the first asks for an order. */
  readonly orders: boolean;
  readonly isOneWebhook: boolean;
  readonly isRepeated: boolean;
};

const UTTERANCES_MAX = 60;

/** Lets one person write until `isOver`. Deliveries that are under way then still arrive. */
export async function customerWrites(
  arena: Arena,
  person: { readonly customer: Customer; readonly random: Random },
  isOver: () => boolean,
): Promise<readonly WrittenText[]> {
  const { customer, random } = person;
  const { id, phoneNumberId } = customer;
  const written: WrittenText[] = [];
  for (const [rank, utterance] of planUtterances(random).entries()) {
    await wait(utterance.pauseMs);
    if (isOver()) break;
    const texts = Array.from({ length: utterance.texts }, (_, index): CustomerText => {
      const label = `${id}m${written.length + index + 1}`;
      const orders = utterance.orders && index === 0;
      return { phoneNumberId, customer: id, text: textOf(label, orders) };
    });
    const webhooks = utterance.isOneWebhook ? [texts] : texts.map((text) => [text]);
    const messageIds = await Promise.all(
      webhooks.map((webhook) => arena.simulator.send(webhook, "acknowledged")),
    );
    for (const [index, messageId] of messageIds.flat().entries()) {
      const label = texts[index]?.text.split(" ")[0] ?? "";
      const orders = utterance.orders && index === 0;
      written.push({ label, customerId: id, phoneNumberId, messageId, rank, orders });
    }
    if (utterance.isRepeated) await repeat(arena, written, random.next());
  }
  return written;
}

/** Delivers an earlier message again, answered or not. */
async function repeat(arena: Arena, written: readonly WrittenText[], share: number): Promise<void> {
  const old = written[Math.floor(share * written.length)];
  if (old === undefined) return;
  const { phoneNumberId, customerId: customer, label, messageId, orders } = old;
  const text = textOf(label, orders);
  await arena.simulator.send([{ phoneNumberId, customer, text, messageId }], "no");
}

function planUtterances(random: Random): readonly Utterance[] {
  return Array.from({ length: UTTERANCES_MAX }, () => ({
    pauseMs: random.between(500, 2_500),
    texts: random.happens(0.35) ? random.between(2, 4) : 1,
    orders: random.happens(0.35),
    isOneWebhook: random.happens(0.5),
    isRepeated: random.happens(0.25),
  }));
}

/** The fake model calls the tools that a text names. */
function textOf(label: string, orders: WrittenText["orders"]): string {
  const call = orders ? ` /call order {"label":"${label}"}` : "";
  return `${label} asks for something${call}`;
}
