import { AppError } from "#domain/errors.ts";
import type { Recipient } from "#domain/outbound.ts";

/** Where a person's messages go. Throws `WHATSAPP_RECIPIENT_UNREACHABLE` when neither name is known. */
export function recipientOf(contact: {
  readonly phone: string | null;
  readonly userId: string | null;
}): Recipient {
  const { phone, userId } = contact;
  if (phone !== null) return { phone };
  if (userId !== null) return { userId };
  throw new AppError(
    "WHATSAPP_RECIPIENT_UNREACHABLE",
    "The contact has neither a phone number nor a user id",
  );
}
