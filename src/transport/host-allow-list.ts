/**
 * Whether the host of an https URL is on the list. `host` and entries are `name` or `name:port`; without a port both
 * mean 443; an entry `name:*` allows every port. `*.example.com` covers every name below example.com, at the entry's port
 * alone. What is no host, such as
 * an entry with a path, matches nothing.
 */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  const wanted = addressOf(host);
  return wanted !== undefined && allowed.some((entry) => matches(wanted, entry));
}

function matches(wanted: Address, entry: string): boolean {
  const isWildcard = entry.startsWith("*.");
  const [host, anyPort] = entry.endsWith(":*") ? [entry.slice(0, -2), true] : [entry, false];
  const address = addressOf(isWildcard ? host.slice(2) : host);
  if (address === undefined || (!anyPort && address.port !== wanted.port)) return false;
  return isWildcard ? wanted.name.endsWith(`.${address.name}`) : wanted.name === address.name;
}

interface Address {
  readonly name: string;
  readonly port: string;
}

/** In the spelling of the URL standard: lower case, punycode, the shortest form of an address; one dot at the end is dropped. */
function addressOf(host: string): Address | undefined {
  // Whatever a URL would take for something else than a host and a port.
  if (host === "" || /[\s/\\?#@]/.test(host)) return undefined;
  const url = URL.parse(`https://${host}/`);
  if (url === null || url.hostname.includes("*")) return undefined;
  const name = url.hostname.replace(/\.$/, "");
  return name === "" || name.split(".").includes("") ? undefined : { name, port: url.port === "" ? "443" : url.port };
}
