import { isIP } from "node:net";
import { AppError } from "#domain/errors.ts";
import { isPublicAddress } from "./is-public-address.ts";

/** Which addresses may be fetched. */
export type AddressRule = {
  /** For development and tests only: the own network and any port, too. */
  readonly allowPrivateAddresses: boolean;
};

const PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };
const URL_LENGTH_MAX = 4_000;

/** Names that never lead to the public internet; what a name resolves to is checked besides. */
const LOCAL_NAMES = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|localdomain)\.?$/i;

/**
 * Parses an address that a tenant or a model chose, and refuses what cannot be a public page. Names
 * are resolved later: see `createGuardedConnector`.
 * @throws AppError PAGE_ADDRESS_REFUSED with a sentence for whoever typed the address.
 */
export function checkUrl(text: string, rule: AddressRule): URL {
  const url = text.length <= URL_LENGTH_MAX && URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw refused("This is no web address. It begins with https://");
  if (PORTS[url.protocol] === undefined)
    throw refused("Only addresses that begin with http:// or https:// can be fetched.");
  if (url.username !== "" || url.password !== "")
    throw refused("An address with a user name or password in it is not fetched.");
  if (!rule.allowPrivateAddresses) assertPublic(url);
  url.hash = "";
  return url;
}

function assertPublic(url: URL): void {
  if (url.port !== "" && url.port !== PORTS[url.protocol])
    throw refused("Only the usual ports of web pages (80 and 443) are fetched.");
  // The URL parser has turned decimal, hexadecimal, octal and Unicode forms into plain addresses.
  const host = url.hostname.replaceAll(/^\[|\]$/g, "");
  const isLocal =
    isIP(host) === 0 ? !host.includes(".") || LOCAL_NAMES.test(host) : !isPublicAddress(host);
  if (isLocal) throw addressNotPublic();
}

/** The address, or what its name resolves to, is not on the public internet. */
export function addressNotPublic(): AppError {
  return refused("This address is not on the public internet, so it is not fetched.");
}

function refused(message: string): AppError {
  return new AppError("PAGE_ADDRESS_REFUSED", message);
}
