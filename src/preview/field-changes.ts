import { cutText } from "../ports/cut-text.ts";
import { withoutPlaceholderIds } from "./placeholder-ids.ts";
import { KNOWN_AFTER_APPLY } from "./tenant/placeholders.ts";

/** One field that a write changes. A missing side: there is no value. */
export interface FieldChange {
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

const MAX_VALUE_LENGTH = 200;

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** What differs between two values, by path. Fields that `ignored` names, by their last part, do not count. */
export function fieldChanges(before: unknown, after: unknown, ignored: ReadonlySet<string> = new Set()): FieldChange[] {
  return changesAt("", before, after, ignored);
}

/** What a partial change does: fields that it does not name stay. `null` removes a field. */
export function partialChanges(before: object | undefined, change: object): FieldChange[] {
  const present = (before ?? {}) as Members;
  return Object.entries(change).flatMap(([name, value]): FieldChange[] => {
    if (value === undefined) return [];
    const known = present[name];
    if (!isMembers(value)) return changesAt(name, known, value ?? undefined, new Set());
    return partialChanges(isMembers(known) ? known : {}, value).map((one) => ({
      ...one,
      field: `${name}.${one.field}`,
    }));
  });
}

function changesAt(path: string, before: unknown, after: unknown, ignored: ReadonlySet<string>): FieldChange[] {
  if (isMembers(before) || isMembers(after)) {
    const [left, right] = [isMembers(before) ? before : {}, isMembers(after) ? after : {}];
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((name) => !ignored.has(name));
    return names.flatMap((name) => changesAt(path === "" ? name : `${path}.${name}`, left[name], right[name], ignored));
  }
  const [from, to] = [wholeText(before), wholeText(after)];
  if (from === to) return [];
  const start = from === undefined || to === undefined ? 0 : startOfPart(from, to);
  return [
    {
      field: path,
      ...(from === undefined ? {} : { before: partOf(from, start) }),
      ...(to === undefined ? {} : { after: partOf(to, start) }),
    },
  ];
}

/** How much of what is equal stands before the first difference of two long texts. */
const EQUAL_LENGTH = 40;

/** Of two texts that are alike for long, the part that people see begins shortly before they differ. */
function startOfPart(from: string, to: string): number {
  let same = 0;
  while (same < from.length && from[same] === to[same]) same += 1;
  return same + EQUAL_LENGTH < MAX_VALUE_LENGTH ? 0 : same - EQUAL_LENGTH;
}

const partOf = (text: string, start: number): string =>
  start === 0 ? bounded(text) : `…${bounded(text.slice(start))}`;

/** A value as people read it. What only the tenant can choose has no number. */
export function shownText(value: unknown): string | undefined {
  const text = wholeText(value);
  return text === undefined ? undefined : bounded(text);
}

function wholeText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return withoutIds(value.map(itemText).join(" "));
  if (value instanceof Date) return value.toISOString();
  return withoutIds(typeof value === "string" ? value : jsonOf(value));
}

const UNKNOWN_URL = KNOWN_AFTER_APPLY.replaceAll(" ", "-");

function itemText(item: unknown): string {
  if (typeof item === "string") return item;
  if (isMembers(item) && typeof item["name"] === "string" && Object.keys(item).length === 1) return item["name"];
  return jsonOf(item);
}

/** The API server returns the members of an object in another order than they were written in. */
const jsonOf = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    isMembers(member) ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1))) : member,
  );

function withoutIds(text: string): string {
  if (text.startsWith(KNOWN_AFTER_APPLY) || text.includes(UNKNOWN_URL)) return KNOWN_AFTER_APPLY;
  return withoutPlaceholderIds(text, KNOWN_AFTER_APPLY);
}

const bounded = (text: string): string =>
  text.length > MAX_VALUE_LENGTH ? `${cutText(text, MAX_VALUE_LENGTH)}…` : text;
