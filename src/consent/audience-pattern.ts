/**
 * Whether the whole audience matches the pattern. `*` stands for any characters, none included; everything else for
 * itself, case and trailing slash too, since audiences are compared exactly (RFC 7519 section 4.1.3).
 */
export function matchesAudience(pattern: string, audience: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === audience;
  const tail = rest.pop() ?? "";
  if (!audience.startsWith(head) || audience.length < head.length + tail.length || !audience.endsWith(tail)) return false;
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
