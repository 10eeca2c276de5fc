import { z } from "zod";

/** How webhooks are sent: as fast as `connections` at a time are answered, or at a rate whatever the answers. */
const Pace = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("closed loop"), connections: z.number() }),
  z.object({ kind: z.literal("open loop"), perSecond: z.number() }),
]);
export type Pace = z.infer<typeof Pace>;

/** What the bench asks of the outside world's process. */
export const Command = z.discriminatedUnion("kind", [
  /** Makes and signs webhooks, each of another person; the next load is of the same people. */
  z.object({
    kind: z.literal("prepare"),
    count: z.number(),
    url: z.string(),
    phoneNumberIds: z.array(z.string()),
    appSecret: z.string(),
  }),
  /** Sends what was prepared; answers when all are acknowledged. */
  z.object({ kind: z.literal("send"), pace: Pace }),
  /** Answers when every person has been replied to. */
  z.object({ kind: z.literal("await replies"), timeoutMs: z.number() }),
]);
export type Command = z.infer<typeof Command>;

/** Milliseconds. */
const Percentiles = z.object({ p50: z.number(), p99: z.number() });
export type Percentiles = z.infer<typeof Percentiles>;

/** The last load, so far. Times count from its first webhook. */
export const LoadReport = z.object({
  /** Acknowledged with 200. */
  accepted: z.number(),
  refused: z.number(),
  acceptMs: Percentiles,
  acceptedAfterMs: z.number(),
  replies: z.number(),
  /** From the moment a webhook was due to the message of its reply. */
  replyMs: Percentiles,
  repliedAfterMs: z.number(),
  modelCalls: z.number(),
});
export type LoadReport = z.infer<typeof LoadReport>;

/** What the process says: once where its APIs are, then one report for each command. */
export const Answer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready"), url: z.string() }),
  z.object({ kind: z.literal("done"), report: LoadReport }),
]);
export type Answer = z.infer<typeof Answer>;
