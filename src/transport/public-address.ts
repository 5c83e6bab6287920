import ipaddr from "ipaddr.js";

/** All that is routed on the public IPv6 internet (RFC 4291 section 2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");
/** Documentation (RFC 9637), which `ipaddr.js` does not know. */
const DOCUMENTATION = ipaddr.IPv6.parseCIDR("3fff::/20");

/**
 * An address of the public internet: not loopback, link-local (where clouds keep their metadata), private, reserved,
 * nor one that only wraps an IPv4 address (NAT64, 6to4, Teredo, IPv4-compatible) and so may lead to any of these. An
 * IPv4-mapped address is judged as the IPv4 address that it is. False for what is no address.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return false;
  return parsed instanceof ipaddr.IPv4 || (parsed.match(GLOBAL_UNICAST) && !parsed.match(DOCUMENTATION));
}

/** Whether the host of a URL is an address, and not a public one. */
export function isPrivateLiteral(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, "");
  return ipaddr.isValid(address) && !isPublicAddress(address);
}
