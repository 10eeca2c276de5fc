import { z } from "zod";

/** Why a conversation was handed over to a colleague. */
export const HANDOFF_REASONS = [
  /** The person asked for one. */
  "asked",
  /** The person says again that the bot does not help. */
  "not helped",
  /** The bot failed several times in a row. */
  "failures",
  /** The bot's model found that it cannot help. */
  "cannot help",
  /** The person complains, or is upset. */
  "complaint",
] as const;
export type HandoffReason = (typeof HANDOFF_REASONS)[number];

/** A conversation's way to a colleague, with what the colleague must know. */
export type Handoff = {
  readonly reason: HandoffReason;
  /** For the colleague; may quote the person. */
  readonly summary: string;
};

/** How a colleague's time with a conversation ended. `nobody came`: it was over before one wrote. */
const WAYS_BACK = ["timeout", "nobody came", "resumed", "closed"] as const;

/**
 * What a conversation's mailbox holds besides messages: something that the person is to be told.
 * Posted by the database (migrations/0008_answering.sql, 0009_handoff.sql).
 */
export const ConversationNotice = z.discriminatedUnion("notice", [
  z.object({
    notice: z.literal("back"),
    way: z.enum(WAYS_BACK),
    /** Whether the person is told; otherwise only what is unanswered matters. */
    tells: z.boolean(),
    /** Messages of the pause that nobody has answered. */
    unanswered: z.array(z.uuid()),
  }),
  z.object({ notice: z.literal("handed over") }),
  z.object({ notice: z.literal("opted out"), language: z.string().nullable() }),
  z.object({ notice: z.literal("opted in"), language: z.string().nullable() }),
]);
export type ConversationNotice = z.infer<typeof ConversationNotice>;
