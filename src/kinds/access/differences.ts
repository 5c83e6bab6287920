const MAX_VALUE_LENGTH = 200;

type Members = Readonly<Record<string, unknown>>;

/**
 * What a change would do, field by field: `displayName: "A" → "B", tokens.lifetimeSeconds: 3600 → 7200`. Only fields that
 * the change names; `before` has them under the same names. Lists of named objects are compared by name.
 */
export function differences(change: object, before: object | undefined): string {
  return differencesAt("", change as Members, (before ?? {}) as Members).join(", ");
}

function differencesAt(path: string, change: Members, before: Members): readonly string[] {
  return Object.entries(change).flatMap(([name, after]): readonly string[] => {
    if (after === undefined) return [];
    const present = before[name];
    const field = `${path}${name}`;
    if (isMembers(after)) return differencesAt(`${field}.`, after, isMembers(present) ? present : {});
    const [from, to] = [textOf(present), textOf(after)];
    if (from !== to) return [`${field}: ${from} → ${to}`];
    // A change may repeat a value that stays.
    if (isSame(present, after)) return [];
    // The same names with other settings, or long texts that begin alike.
    return [`${field}: ${Array.isArray(after) ? "settings of" : "other text after"} ${to}`];
  });
}

/** The settings that something would be created with, in brackets: ` (tokens.lifetimeSeconds: 600)`; none: empty. */
export function settingsText(settings: object): string {
  const texts = settingsAt("", settings as Members);
  return texts.length === 0 ? "" : ` (${texts.join(", ")})`;
}

function settingsAt(path: string, settings: Members): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]): readonly string[] => {
    if (value === undefined) return [];
    return isMembers(value) ? settingsAt(`${path}${name}.`, value) : [`${path}${name}: ${textOf(value)}`];
  });
}

const isSame = (present: unknown, after: unknown): boolean =>
  JSON.stringify(sortedTexts(present)) === JSON.stringify(sortedTexts(after));

const sortedTexts = (value: unknown): unknown =>
  Array.isArray(value) && value.every((item) => typeof item === "string") ? [...value].sort() : value;

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "unset";
  if (Array.isArray(value)) return cut(value.length === 0 ? "none" : value.map(nameOf).sort().join(" "));
  return cut(typeof value === "string" ? `"${value}"` : JSON.stringify(value));
}

function nameOf(item: unknown): string {
  if (typeof item === "string") return item;
  return isMembers(item) && typeof item["name"] === "string" ? item["name"] : JSON.stringify(item);
}

const cut = (text: string): string => (text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text);
