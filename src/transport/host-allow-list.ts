import ipaddr from "ipaddr.js";

/** Hosts that credentials of tenants may be sent to when nothing else is configured. */
export const DEFAULT_HOSTS = ["*.auth0.com", "*.okta.com", "*.oktapreview.com", "*.okta-emea.com"];

/** Whether the host (with `:port` when it is not 443) is on the list. `*.example.com` covers every name below it. */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  const wanted = host.toLowerCase();
  return allowed.some((entry) => {
    const pattern = entry.toLowerCase();
    if (pattern.startsWith("*.")) return wanted.endsWith(pattern.slice(1)) && wanted.length > pattern.length - 1;
    return wanted === pattern || wanted.replace(/:\d+$/, "") === pattern;
  });
}

/** An address of the public internet: not loopback, link-local (where clouds keep their metadata), private, reserved. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === "unicast";
}

/** Whether the host of a URL is an address, and not a public one. */
export function isPrivateLiteral(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, "");
  return ipaddr.isValid(address) && !isPublicAddress(address);
}
