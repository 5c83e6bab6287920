/** Ends the host of a URL as browsers read it (WHATWG URL: a backslash counts as a slash); `@` ends user info. */
const HOST_END = /[/?#\\@]/;

/**
 * Whether the whole audience matches the pattern. `*` stands for any characters, none included; everything else for
 * itself, case and trailing slash too, since audiences are compared exactly (RFC 7519 section 4.1.3).
 * In the host of a URL `*` never reaches beyond the host, so that `https://*.acme.com/*` does not cover
 * `https://evil.example/.acme.com/`. A `*` that ends the whole pattern covers all that follows: `https://*` is every
 * https URL.
 */
export function matchesAudience(pattern: string, audience: string): boolean {
  const wanted = splitUrl(pattern);
  if (wanted === undefined) return matchesParts(pattern, audience);
  const actual = splitUrl(audience);
  if (actual === undefined) return false;
  if (!matchesParts(wanted.scheme, actual.scheme) || !matchesParts(wanted.host, actual.host)) return false;
  const isOpenEnded = wanted.rest === "" && wanted.host.endsWith("*");
  return isOpenEnded || matchesParts(wanted.rest, actual.rest);
}

function splitUrl(text: string): { readonly scheme: string; readonly host: string; readonly rest: string } | undefined {
  const schemeEnd = text.indexOf("://");
  if (schemeEnd < 0) return undefined;
  const afterScheme = text.slice(schemeEnd + 3);
  const hostEnd = afterScheme.search(HOST_END);
  const host = hostEnd < 0 ? afterScheme : afterScheme.slice(0, hostEnd);
  return { scheme: text.slice(0, schemeEnd), host, rest: afterScheme.slice(host.length) };
}

function matchesParts(pattern: string, audience: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === audience;
  const tail = rest.pop() ?? "";
  if (!audience.startsWith(head) || audience.length < head.length + tail.length || !audience.endsWith(tail))
    return false;
  // The earliest place for each middle part leaves the most for the next: no backtracking.
  let from = head.length;
  const end = audience.length - tail.length;
  for (const part of rest) {
    const found = audience.indexOf(part, from);
    if (found < 0 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}
