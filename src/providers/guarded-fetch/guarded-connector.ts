import { lookup as systemLookup, type LookupAddress, type LookupOptions } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector } from "undici";
import { type AddressRule, addressNotPublic } from "./check-url.ts";
import { isPublicAddress } from "./is-public-address.ts";

/** Resolves a name to all its addresses, as `dns.lookup` with `all`. */
export type Lookup = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Opens connections to public addresses only. The check stands between resolving and connecting, so a
 * name that resolves to something else a moment later gains nothing: what was checked is connected to.
 */
export function createGuardedConnector(
  rule: AddressRule & { readonly lookup?: Lookup | undefined },
  timeoutMs: number,
): buildConnector.connector {
  if (rule.allowPrivateAddresses) return buildConnector({ timeout: timeoutMs });
  const connect = buildConnector({
    timeout: timeoutMs,
    lookup: guardLookup(rule.lookup ?? systemLookup),
  });
  return (options, done) => {
    const host = options.hostname.replaceAll(/^\[|\]$/g, "");
    // `lookup` is never asked about IP addresses.
    if (isIP(host) !== 0 && !isPublicAddress(host)) done(addressNotPublic(), null);
    else connect(options, done);
  };
}

/** Resolves names like `lookup`, but fails for those that lead anywhere private. */
export function guardLookup(lookup: Lookup): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null) done(error, "");
      // One private address among public ones is a trick, not a page.
      else if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address)))
        done(addressNotPublic(), "");
      else if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
