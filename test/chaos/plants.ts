/** A fault in a function of the database, planted to see that the harness finds it. */
export type Plant = {
  /** Each of these functions must say so. */
  readonly routines: readonly string[];
  readonly says: string;
  readonly insteadSays: string;
};

/** Each must make a run end with violations. */
export const PLANTS = {
  /** Whoever lost a turn can go on writing for it. */
  fence: {
    routines: ["mailbox_own", "mailbox_checkpoint", "mailbox_finish", "begin_reply"],
    says: "key = p_key and fence = p_fence and owner = p_worker",
    insteadSays: "key = p_key",
  },
  /** A send whose outcome is unknown counts as failed and is sent again at once. */
  resend: {
    routines: ["begin_reply"],
    says: "handed_over_at <= v_now - v_wait",
    insteadSays: "true",
  },
  /** A redelivered message is not recognised. */
  dedupe: {
    routines: ["accept_message"],
    says: "p_message ->> 'whatsappMessageId', p_message ->> 'repliesTo'",
    insteadSays:
      "(p_message ->> 'whatsappMessageId') || gen_random_uuid(), p_message ->> 'repliesTo'",
  },
  /** A turn counts messages as answered that came while it was sending and that it never saw. */
  swallow: {
    routines: ["mailbox_finish"],
    says: "done_seq = v_box.turn_upto,",
    insteadSays: "done_seq = v_box.last_seq,",
  },
  /** The mark before a tool call is not kept, so that nobody knows that it was begun. */
  begun: {
    routines: ["mailbox_checkpoint"],
    says: "steps = steps || p_steps",
    insteadSays: `steps = steps || jsonb_path_query_array(p_steps, '$[*] ? (!(@.name starts with "begun-"))')`,
  },
  /** Nobody takes over from a dead worker. */
  takeover: {
    routines: ["mailbox_sweep"],
    says: "where m.owner is not null and",
    insteadSays: "where false and",
  },
} as const satisfies Readonly<Record<string, Plant>>;

export type PlantName = keyof typeof PLANTS;

/** Whether there is a plant of this name. */
export const isPlant = (name: string): name is PlantName => Object.hasOwn(PLANTS, name);
