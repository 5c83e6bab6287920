import { z } from "zod";
import type { ResourceClient } from "../../ports/cluster.ts";
import type { Resource } from "../../ports/resource.ts";
import { KINDS } from "../registry.ts";
import { cutText } from "../../ports/cut-text.ts";

/** As much of a JSON schema as bounds a value. */
interface Bounds {
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly items?: Bounds;
  readonly properties?: Readonly<Record<string, Bounds>>;
}

const known = new Map<string, Bounds>();

/** Of a status as JSON. An object that is larger than about 1.5 MB cannot be stored, and the spec needs room too. */
const MAX_BYTES = 900_000;

/**
 * The status, with every text and list cut to what the kind's CRD allows and etcd can store: one value from outside, such
 * as an annotation or an answer of the provider, that is longer would have the API server refuse the whole status, now and
 * forever.
 */
export function boundedStatus<S>(kind: string, status: S): S {
  return withinBytes(bounded(boundsOf(kind), status) as object) as S;
}

/** Halves the largest list until the whole is small enough. Conditions say what to do, so they are never cut. */
function withinBytes(status: object): object {
  if (mostBytesOf(status) <= MAX_BYTES) return status;
  let whole: Record<string, unknown> = { ...status };
  while (bytesOf(whole) > MAX_BYTES) {
    const { conditions: _kept, ...others } = whole;
    const lists = Object.entries(others).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
    const [largest] = lists.filter(([, list]) => list.length > 0).sort(([, a], [, b]) => bytesOf(b) - bytesOf(a));
    if (largest === undefined) return whole;
    const [name, list] = largest;
    whole = { ...whole, [name]: list.slice(0, Math.floor(list.length / 2)) };
  }
  return whole;
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** JSON writes one code unit with at most six bytes, as `\u0001`. */
const BYTES_PER_UNIT = 6;
/** Of a number, a word, or the punctuation of a member. */
const BYTES_PER_VALUE = 32;

/** Never less than what the value takes as JSON; found without writing it, since nearly every status is far below. */
function mostBytesOf(value: unknown): number {
  if (typeof value === "string") return value.length * BYTES_PER_UNIT + BYTES_PER_VALUE;
  if (typeof value !== "object" || value === null) return BYTES_PER_VALUE;
  let bytes = BYTES_PER_VALUE;
  if (Array.isArray(value)) for (const item of value) bytes += mostBytesOf(item);
  else
    for (const name of Object.keys(value))
      bytes += name.length * BYTES_PER_UNIT + mostBytesOf((value as Members)[name]);
  return bytes;
}

/** A client that never sends a status which the API server refuses for a length. */
export function withBoundedStatus<R extends Resource>(kind: string, client: ResourceClient<R>): ResourceClient<R> {
  return { ...client, writeStatus: (resource, status) => client.writeStatus(resource, boundedStatus(kind, status)) };
}

function boundsOf(kind: string): Bounds {
  let bounds = known.get(kind);
  if (bounds === undefined) {
    const schema = KINDS.find((definition) => definition.kind === kind)?.schema;
    const document: Bounds = schema === undefined ? {} : (z.toJSONSchema(schema, { io: "input" }) as Bounds);
    bounds = document.properties?.["status"] ?? {};
    known.set(kind, bounds);
  }
  return bounds;
}

type Members = Readonly<Record<string, unknown>>;

const NONE: Bounds = {};

/** The value itself where nothing has to be cut. */
function bounded(bounds: Bounds, value: unknown): unknown {
  if (typeof value === "string") return bounds.maxLength === undefined ? value : cutText(value, bounds.maxLength);
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? boundedList(bounds, value) : boundedMembers(bounds, value as Members);
}

function boundedList({ maxItems = Number.POSITIVE_INFINITY, items = NONE }: Bounds, list: readonly unknown[]): unknown {
  const kept = list.length > maxItems ? list.slice(0, maxItems) : list;
  return kept.every((item) => bounded(items, item) === item) ? kept : kept.map((item) => bounded(items, item));
}

function boundedMembers({ properties = {} }: Bounds, members: Members): unknown {
  let cut: Record<string, unknown> | undefined;
  for (const name of Object.keys(members)) {
    const member = members[name];
    const kept = bounded(properties[name] ?? NONE, member);
    if (kept !== member) cut = { ...(cut ?? members), [name]: kept };
  }
  return cut ?? members;
}
