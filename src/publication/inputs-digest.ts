/** Raised when the same inputs are rendered differently than before: an upgrade then renders everything again. */
const RENDERING_REVISION = 2;

const CREDENTIALS = new Set(["credential", "next", "previous"]);

/**
 * Names everything a published object was rendered from, the credential represented by the version of the Secret that
 * keeps it: so that what is outdated is known without reading it, and nothing of the credential is shown. Members that
 * hold one are left out, since the type of the inputs does not keep them away.
 */
export function inputsDigest(inputs: object, stateVersion: string, sha256: (text: string) => string): string {
  const open = Object.fromEntries(Object.entries(inputs).filter(([name]) => !CREDENTIALS.has(name)));
  return sha256(`${String(RENDERING_REVISION)}\n${stateVersion}\n${canonical(open)}`).slice(0, 32);
}

/**
 * JSON whose text does not depend on the order in which keys were set, nor on the order of lists: each of them is a
 * set, which a cache may give in another order after a restart.
 */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  let members = "";
  for (const name of Object.keys(value).sort()) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (member !== undefined) members += `${members === "" ? "" : ","}${JSON.stringify(name)}:${canonical(member)}`;
  }
  return `{${members}}`;
}
