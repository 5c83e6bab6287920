import { timingSafeEqual } from "node:crypto";
import type { Resource } from "../ports/resource.ts";

/** Keyed digest of a text, hex. Only this installation has the key. */
export type Sign = (text: string) => string;

/** The part of status that says how a resource is. Nothing is done to a tenant because of it. */
const JUDGEMENTS = ["conditions", "lastCheckedAt", "lastHandledReconcileAt", "observedGeneration", "proof"];
/** What stays of a status that is not proven; without the generation nothing counts as applied. */
const KEPT = ["conditions", "lastCheckedAt", "lastHandledReconcileAt"];
const VERSION = "v1";

type Facts = Readonly<Record<string, unknown>>;
type Status = Facts & { readonly proof?: string | undefined };

/**
 * The value of `status.proof`: it ties everything in status that actions rest on to one resource of one installation.
 * Anyone who may write status and does not have the key cannot make it.
 */
export function proofOf({ kind, metadata }: Resource, status: object, instance: string, sign: Sign): string {
  const text = JSON.stringify([VERSION, instance, kind, metadata.uid, sorted(factsOf(status as Facts))]);
  return `${VERSION}.${sign(text)}`;
}

/** The resource with a status that can be believed: without a valid proof, everything that needs one is taken out. */
export function provenPart<R extends Resource>(resource: R, instance: string, sign: Sign): R {
  const status = resource.status as Status | undefined;
  if (status === undefined) return resource;
  const hasFacts = Object.keys(factsOf(status)).length > 0;
  if (!hasFacts && status.proof === undefined) return resource;
  if (isSame(status.proof ?? "", proofOf(resource, status, instance, sign))) return resource;
  return { ...resource, status: Object.fromEntries(entriesOf(status).filter(([name]) => KEPT.includes(name))) };
}

const entriesOf = (value: object): readonly (readonly [string, unknown])[] =>
  Object.entries(value).filter(([, member]) => member !== undefined);

function factsOf(status: Facts): Facts {
  const facts: Record<string, unknown> = {};
  for (const name of Object.keys(status))
    if (status[name] !== undefined && !JUDGEMENTS.includes(name)) setMember(facts, name, status[name]);
  return facts;
}

function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The API server may return members in another order, and mostly returns them in this one. */
const sorted = (value: unknown): unknown => (isSorted(value) ? value : sortedAnew(value));

function isSorted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(isSorted);
  let before = "";
  for (const name of Object.keys(value)) {
    if (name < before || !isSorted((value as Facts)[name])) return false;
    before = name;
  }
  return true;
}

function sortedAnew(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sortedAnew);
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(value).sort()) {
    const member = (value as Facts)[name];
    if (member !== undefined) setMember(members, name, sortedAnew(member));
  }
  return members;
}

/** An assignment to this one name would change the prototype, and nothing of it would be signed. */
function setMember(members: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") members[name] = value;
  else Object.defineProperty(members, name, { value, enumerable: true });
}
