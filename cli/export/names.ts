import { hash } from "node:crypto";

/** Names of Secrets and labels stay short enough with it. */
const LONGEST = 63;
const HASH_LENGTH = 8;

const digestOf = (text: string): string => hash("sha256", text).slice(0, HASH_LENGTH);

/** A DNS label made of any text: `Café – Zahlungen (alt)` is `cafe-zahlungen-alt`. Empty where nothing of it is left. */
export function dnsLabel(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, LONGEST)
    .replaceAll(/^-+|-+$/g, "");
}

/** Something to name. */
export interface Named {
  /** What tells it from all others, and never changes. */
  readonly id: string;
  /** The name that people gave it, and what to use where nothing is left of that. */
  readonly texts: readonly string[];
  readonly namespace: string;
}

/**
 * A name for each ID, unique in its namespace. It depends on nothing but the names and IDs, so that it is the same every
 * time. What shares its name with others gets a digest of its ID.
 */
export function namesOf(things: readonly Named[]): ReadonlyMap<string, string> {
  const wanted = things.map((thing) => ({ ...thing, label: labelOf(thing) }));
  const places = Map.groupBy(wanted, ({ namespace, label }) => `${namespace}/${label}`);
  return new Map(
    wanted.map(({ id, namespace, label }) => {
      const isAlone = places.get(`${namespace}/${label}`)?.length === 1;
      return [id, isAlone ? label : withDigest(label, id)] as const;
    }),
  );
}

const labelOf = ({ texts, id }: Named): string =>
  texts.map(dnsLabel).find((label) => label !== "") ?? `unnamed-${digestOf(id)}`;

const withDigest = (label: string, id: string): string =>
  `${label.slice(0, LONGEST - HASH_LENGTH - 1).replace(/-+$/, "")}-${digestOf(id)}`;

/** The name of what joins two named things. Cut with a digest where it is too long. */
export function joinedName(left: string, right: string): string {
  const whole = `${left}-${right}`;
  return whole.length <= LONGEST ? whole : withDigest(whole, whole);
}
