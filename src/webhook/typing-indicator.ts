import type { KeyRing } from "#platform/key-ring.ts";
import type { Logger } from "#platform/logger.ts";
import type { WhatsAppClient } from "#providers/whatsapp/whatsapp-client.ts";
import type { Route } from "#store/inbound.ts";

/** Shows at once that the message was read and is being answered, so that nobody stares at silence. */
export type TypingIndicator = {
  /** Returns at once. A courtesy: a failure is no failure of the message. */
  readonly show: (
    route: Route,
    phoneNumberId: string,
    message: { readonly whatsappMessageId: string; readonly sealedAccessToken: string },
  ) => void;
};

/** Calls under way at most; in a flood the courtesy is left out rather than queued. */
const UNDER_WAY_MAX = 50;

/** Sends read marks and typing indicators beside the path of the message. */
export function createTypingIndicator(deps: {
  readonly whatsApp: Pick<WhatsAppClient, "showTyping">;
  readonly keyRing: Pick<KeyRing, "open">;
  readonly logger: Logger;
}): TypingIndicator {
  let underWay = 0;
  return {
    show: (route, phoneNumberId, message) => {
      if (underWay >= UNDER_WAY_MAX) return;
      underWay += 1;
      openToken(deps, route, message.sealedAccessToken)
        .then((accessToken) =>
          deps.whatsApp.showTyping({
            sender: { phoneNumberId, accessToken },
            whatsappMessageId: message.whatsappMessageId,
          }),
        )
        .catch((error: unknown) =>
          deps.logger.debug(
            { organizationId: route.organizationId, chatbotId: route.chatbotId, error },
            "typing not shown",
          ),
        )
        .finally(() => {
          underWay -= 1;
        });
    },
  };
}

async function openToken(
  deps: { readonly keyRing: Pick<KeyRing, "open"> },
  { organizationId }: Route,
  sealed: string,
): Promise<string> {
  return deps.keyRing.open(sealed, { organizationId, column: "whatsapp_access_token" });
}
