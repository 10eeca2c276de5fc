import { MessageMedia } from "#domain/media.ts";
import type { JsonValue } from "#domain/webhook-event.ts";

/** Begins the names of the steps of a turn that receive a file. */
export const MEDIA_STEP = "media-";

/** What a turn has paid for hearing recordings, in millionths of a US dollar, as far as it is known. */
export function hearingCostMicros(steps: ReadonlyMap<string, JsonValue>): number {
  return [...steps]
    .filter(([name]) => name.startsWith(MEDIA_STEP))
    .reduce((sum, [, step]) => sum + (MessageMedia.safeParse(step).data?.costMicros ?? 0), 0);
}
