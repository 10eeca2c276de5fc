import type { Conversation } from "../chats.ts";
import type { Customer, PhoneNumber } from "../directory.ts";
import type { FaultSettings } from "../faults.ts";
import type { TypingIndicator } from "../typing.ts";
import type { World } from "../world.ts";

/** Everything the page needs to draw itself; sent when it opens and after a lost connection. */
export type Snapshot = {
  readonly numbers: readonly Pick<
    PhoneNumber,
    "phoneNumberId" | "displayName" | "displayPhoneNumber"
  >[];
  readonly customers: readonly Customer[];
  readonly conversations: readonly Conversation[];
  readonly typing: readonly TypingIndicator[];
  readonly faults: FaultSettings;
};

/** A load test makes thousands of customers; the page shows the latest ones. */
const CUSTOMERS_MAX = 100;
const LIMITS = { conversations: 100, messages: 200 };

/** Takes the picture. Secrets of numbers are left out. */
export function takeSnapshot(world: World): Snapshot {
  return {
    numbers: world.directory
      .numbers()
      .map(({ phoneNumberId, displayName, displayPhoneNumber }) => ({
        phoneNumberId,
        displayName,
        displayPhoneNumber,
      })),
    customers: world.directory.customers().slice(0, CUSTOMERS_MAX),
    conversations: world.chats.recent(LIMITS),
    typing: world.typing.all(),
    faults: world.faults.current(),
  };
}
