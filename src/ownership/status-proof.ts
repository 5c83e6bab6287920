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
  const text = JSON.stringify([VERSION, instance, kind, metadata.uid, sorted(factsOf(status))]);
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

const factsOf = (status: object): Facts =>
  Object.fromEntries(entriesOf(status).filter(([name]) => !JUDGEMENTS.includes(name)));

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
  for (const [name, member] of Object.entries(value)) {
    if (name < before || !isSorted(member)) return false;
    before = name;
  }
  return true;
}

function sortedAnew(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedAnew);
  if (typeof value !== "object" || value === null) return value;
  const entries = [...entriesOf(value)].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sortedAnew(member)]));
}
