import { z } from "zod";

/** Distinct numbers looked up for one webhook that is not yet known to be genuine. */
const NUMBERS_MAX = 20;

const Change = z.object({
  value: z.object({ metadata: z.object({ phone_number_id: z.string() }) }),
});
const Entry = z.object({ changes: z.array(z.unknown()) });
const Body = z.object({ entry: z.array(z.unknown()) });

/** The numbers that a webhook speaks of, before anything in it may be believed. */
export function readPhoneNumberIds(body: unknown): readonly string[] {
  const ids = new Set<string>();
  for (const entry of Body.safeParse(body).data?.entry ?? [])
    for (const change of Entry.safeParse(entry).data?.changes ?? []) {
      const id = Change.safeParse(change).data?.value.metadata.phone_number_id;
      if (id !== undefined) ids.add(id);
      if (ids.size >= NUMBERS_MAX) return [...ids];
    }
  return [...ids];
}
