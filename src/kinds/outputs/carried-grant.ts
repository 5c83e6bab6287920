import { isSameSet } from "../../ports/same-set.ts";
import { shownNames, shownScopes } from "../status/shown-names.ts";

/** What a client's Secret has of a ScopeGrant. */
interface Carried {
  readonly scopes: readonly string[];
  /** IDs. */
  readonly organizations: readonly string[];
}

/** The same in the client's status, which shows no more than the first names of long lists. */
interface CarriedEntry {
  readonly scopes: readonly string[];
  readonly scopeCount?: number | undefined;
  readonly organizations?: readonly string[] | undefined;
  /** Of the whole, where not all of it is shown. */
  readonly digest?: string | undefined;
}

type Sha256 = (text: string) => string;

/** What the client's status says of a grant in its Secret. */
export function carriedEntry(
  { scopes, organizations }: Carried,
  sha256: Sha256,
): { scopes: string[]; scopeCount?: number; organizations?: string[]; digest?: string } {
  const shown = shownNames(organizations);
  const entry = { ...shownScopes(scopes), ...(shown.length === 0 ? {} : { organizations: shown }) };
  const isWhole = entry.scopes.length === scopes.length && shown.length === organizations.length;
  return isWhole ? entry : { ...entry, digest: digestOf({ scopes, organizations }, sha256) };
}

/** Whether the client's Secret has exactly these scopes and organizations. */
export function isCarriedAs(entry: CarriedEntry, carried: Carried, sha256: Sha256): boolean {
  if (entry.digest !== undefined) return entry.digest === digestOf(carried, sha256);
  return isSameSet(entry.scopes, carried.scopes) && isSameSet(entry.organizations ?? [], carried.organizations);
}

const digestOf = ({ scopes, organizations }: Carried, sha256: Sha256): string =>
  sha256(JSON.stringify([sorted(scopes), sorted(organizations)])).slice(0, 32);

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
