/**
 * Secret values that this process holds: its own credentials and tokens, not those of workloads. What leaves the process
 * as text is searched for them, so that a tenant that echoes one, or a library that quotes one, does not bring it into
 * the log, whatever it looks like. One register for the process, because there is one log.
 */
const held = new Map<string, { readonly spellings: readonly string[]; holders: number }>();

/** Shorter ones would be found in every text. */
const SHORTEST = 4;

/** From now on `value` is masked; until the returned function was called as often as the value was held. */
export function holdSecret(value: string): () => void {
  const known = held.get(value) ?? { spellings: spellingsOf(value), holders: 0 };
  known.holders += 1;
  held.set(value, known);
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    known.holders -= 1;
    if (known.holders === 0) held.delete(value);
  };
}

/** The text with `mask` in place of every value that is held, also where it is encoded, quoted or in parts. */
export function withoutKnownSecrets(text: string, mask: string): string {
  let masked = text;
  for (const { spellings } of held.values())
    for (const spelling of spellings) if (masked.includes(spelling)) masked = masked.replaceAll(spelling, () => mask);
  return masked;
}

/** The longest first, so that no rest of one is left. */
function spellingsOf(value: string): readonly string[] {
  const lines = value.split(/[\r\n]+/).map((line) => line.trim());
  const parts = [value, value.trim(), ...lines].filter((part) => !/^-----.*-----$/.test(part));
  const all = parts.flatMap((part) => [part, quoted(part), quoted(quoted(part)), ...encoded(part)]);
  return [...new Set(all)].filter((spelling) => spelling.length >= SHORTEST).sort((a, b) => b.length - a.length);
}

/** As a member of JSON. */
const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);

/** As a member of a form, of a URL, and as a Basic credential's bytes. */
function encoded(text: string): readonly string[] {
  if (!text.isWellFormed()) return [];
  const base64 = Buffer.from(text).toString("base64");
  return [encodeURIComponent(text), new URLSearchParams([["", text]]).toString().slice(1), base64.replace(/=+$/, "")];
}
