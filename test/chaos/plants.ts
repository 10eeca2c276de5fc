/** A fault in a function of the database, planted to see that the harness finds it. */
export type Plant = {
  readonly routine: string;
  readonly says: string;
  readonly insteadSays: string;
};

/** Each must make a run end with violations. */
export const PLANTS = {
  /** Whoever lost a turn can go on writing for it. */
  fence: {
    routine: "mailbox_own",
    says: "key = p_key and fence = p_fence and owner = p_worker",
    insteadSays: "key = p_key",
  },
  /** A send whose outcome is unknown counts as failed and is sent again at once. */
  resend: {
    routine: "begin_reply",
    says: "state = 'sending' and handed_over_at <= v_now - v_wait",
    insteadSays: "state = 'sending'",
  },
  /** A redelivered message is not recognised. */
  dedupe: {
    routine: "accept_message",
    says: "p_message ->> 'whatsappMessageId', p_message ->> 'repliesTo'",
    insteadSays:
      "(p_message ->> 'whatsappMessageId') || gen_random_uuid(), p_message ->> 'repliesTo'",
  },
  /** A turn counts messages as answered that came while it was sending and that it never saw. */
  swallow: {
    routine: "mailbox_finish",
    says: "done_seq = v_box.turn_upto,",
    insteadSays: "done_seq = v_box.last_seq,",
  },
  /** The mark before a tool call is not kept, so that nobody knows that it was begun. */
  begun: {
    routine: "mailbox_checkpoint",
    says: "from jsonb_each(p_steps) step",
    insteadSays: "from jsonb_each(p_steps) step where step.key not like 'begun-%'",
  },
  /** Nobody takes over from a dead worker. */
  takeover: {
    routine: "mailbox_sweep",
    says: "where m.owner is not null and",
    insteadSays: "where false and",
  },
} as const satisfies Readonly<Record<string, Plant>>;

export type PlantName = keyof typeof PLANTS;

/** Whether there is a plant of this name. */
export const isPlant = (name: string): name is PlantName => Object.hasOwn(PLANTS, name);
