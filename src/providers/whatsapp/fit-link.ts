import { type OutboundShape, WHATSAPP_LIMITS } from "#domain/outbound.ts";
import { fitText } from "./fit-text.ts";

/** Longer addresses are nothing that a person should follow, and no page needs them. */
const URL_LENGTH_MAX = 2_000;

/**
 * A button that opens a web page, within WhatsApp's limits. Null when the address is none that a
 * browser of a stranger should open: not http or https, with a password in it, or endlessly long.
 */
export function fitLink(
  label: string,
  address: string,
): Extract<OutboundShape, { type: "link" }> | null {
  const url = URL.parse(address.trim());
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    return null;
  if (url.href.length > URL_LENGTH_MAX) return null;
  return {
    type: "link",
    label:
      fitText(label, WHATSAPP_LIMITS.linkLabel) || fitText(url.host, WHATSAPP_LIMITS.linkLabel),
    url: url.href,
  };
}
