import ipaddr, { type IPv4, type IPv6 } from "ipaddr.js";

/**
 * Whether an IP address belongs to the public internet: not to this machine, a private network, a
 * cloud's metadata service, or a reserved range. IPv6 forms that carry an IPv4 address (mapped,
 * NAT64, 6to4, Teredo) count as that address or not at all.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== null && parsed.range() === "unicast";
}

function parseAddress(address: string): IPv4 | IPv6 | null {
  try {
    const parsed = ipaddr.parse(address);
    if (!("isIPv4MappedAddress" in parsed)) return parsed;
    if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address();
    return parsed.range() === "rfc6052" ? embeddedIPv4(parsed) : parsed;
  } catch {
    return null;
  }
}

/** NAT64 (64:ff9b::/96) translates the last four bytes. */
function embeddedIPv4(address: IPv6): IPv4 | IPv6 {
  return ipaddr.parse(address.toByteArray().slice(12).join("."));
}
