/** So many names of a list are shown in each entry of another list. */
const MAX_NAMES = 20;
/** As JSON, in bytes: hundreds of entries must fit into one object. */
const MAX_BYTES = 1000;

/**
 * The first names of a list, as many as an entry of a long list can show: an object has a limit of size, and what others
 * grant must never make a status too large to be written.
 */
export function shownNames(names: readonly string[]): string[] {
  const shown: string[] = [];
  let bytes = 0;
  for (const name of names.slice(0, MAX_NAMES)) {
    bytes += Buffer.byteLength(JSON.stringify(name)) + 1;
    if (bytes > MAX_BYTES) break;
    shown.push(name);
  }
  return shown;
}

/** With the count, only where some are left out. */
export function shownScopes(scopes: readonly string[]): { scopes: string[]; scopeCount?: number } {
  const shown = shownNames(scopes);
  return { scopes: shown, ...(shown.length === scopes.length ? {} : { scopeCount: scopes.length }) };
}
