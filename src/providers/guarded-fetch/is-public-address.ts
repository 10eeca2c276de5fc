import ipaddr, { type IPv4, type IPv6 } from "ipaddr.js";

/**
 * Whether an IP address belongs to the public internet: not to this machine, a private network, a
 * cloud's metadata service, or a reserved range. IPv6 forms that carry an IPv4 address (mapped,
 * NAT64, 6to4, Teredo) count as that address or not at all.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed === null || parsed.range() !== "unicast") return false;
  if (parsed.kind() === "ipv4") return parsed.toString() !== AZURE_SERVICES;
  // 2000::/3 is all that is given out; below are `::7f00:1` and other forms with an IPv4 address in them.
  return (parsed.toByteArray()[0] ?? 0) >> 5 === 1;
}

/** A public address by its looks; from within Azure it is the machine's own keeper. */
const AZURE_SERVICES = "168.63.129.16";

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
