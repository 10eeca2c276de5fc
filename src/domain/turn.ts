import { z } from "zod";
import { OrganizationId, TurnId } from "./ids.ts";
import type { JsonValue } from "./webhook-event.ts";

const Json: z.ZodType<JsonValue> = z.json();

/**
 * A turn as the mailbox hands it out: one run of a handler over one or more messages, owned by one
 * worker as long as nobody else raises the fence.
 */
export const Turn = z.object({
  key: z.string(),
  /** Null for the platform's own schedules. */
  organizationId: OrganizationId.nullable(),
  handler: z.string(),
  fence: z.number(),
  /** 1 for the first attempt. */
  attempt: z.number(),
  turnId: TurnId,
  /** Milliseconds since the oldest message of the turn was posted. */
  queuedMs: z.number(),
  messages: z.array(Json),
  /** Results of steps that earlier attempts finished, by name, in order. The first one of a name stays. */
  steps: z.array(z.object({ name: z.string(), output: Json })).transform((steps) => {
    const byName = new Map<string, JsonValue>();
    for (const { name, output } of steps) if (!byName.has(name)) byName.set(name, output);
    return Object.fromEntries(byName);
  }),
});
export type Turn = z.infer<typeof Turn>;

/** How a turn ended. `superseded`: a newer message made its draft stale, and a new turn answers all. */
export type TurnStatus = "done" | "failed" | "superseded" | "skipped";
