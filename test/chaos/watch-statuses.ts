import { z } from "zod";
import type { Exchange } from "./start-relay.ts";

/**
 * How late the product learned of its own messages. A send of unknown outcome may rightly be repeated
 * when its status does not come in time, so a run where statuses were late proves nothing.
 */
export type StatusWatch = {
  readonly see: (exchange: Exchange) => void;
  /** The longest time from the acceptance of a message to its first acknowledged status, in ms. */
  readonly longestMs: () => number;
};

const SendAnswer = z.object({ messages: z.array(z.object({ id: z.string() })) });
const StatusWebhook = z.object({
  entry: z.array(
    z.object({
      changes: z.array(
        z.object({
          value: z.object({ statuses: z.array(z.object({ id: z.string() })).optional() }),
        }),
      ),
    }),
  ),
});

/** Has seen nothing yet. */
export function createStatusWatch(): StatusWatch {
  const acceptedAtMs = new Map<string, number>();
  const told = new Set<string>();
  let longestMs = 0;
  return {
    see: ({ call, request, answer }) => {
      if (answer.status !== 200) return;
      const nowMs = performance.now();
      if (call === "message") {
        const sent = SendAnswer.parse(JSON.parse(answer.body.toString()));
        for (const { id } of sent.messages) acceptedAtMs.set(id, nowMs);
      }
      if (call !== "webhook") return;
      for (const id of statusesIn(request)) {
        // A status may be faster than the answer of the send.
        if (!told.has(id)) longestMs = Math.max(longestMs, nowMs - (acceptedAtMs.get(id) ?? nowMs));
        told.add(id);
      }
    },
    longestMs: () => longestMs,
  };
}

function statusesIn(body: Buffer): readonly string[] {
  const webhook = StatusWebhook.parse(JSON.parse(body.toString()));
  return webhook.entry.flatMap(({ changes }) =>
    changes.flatMap(({ value }) => (value.statuses ?? []).map(({ id }) => id)),
  );
}
