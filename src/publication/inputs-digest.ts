/**
 * Names everything a published object was rendered from, the credential represented by the version of the Secret that
 * keeps it: so that what is outdated is known without reading it, and nothing is told of the credential.
 */
export function inputsDigest(inputs: unknown, stateVersion: string, sha256: (text: string) => string): string {
  return sha256(`${stateVersion}\n${canonical(inputs)}`).slice(0, 32);
}

/** JSON whose text does not depend on the order in which keys were set. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(",")}}`;
}
