import type { Structural } from "./structural.ts";

/** Objects with more fields than this, at every depth together, have a table of their own. */
const MOST_FIELDS_IN_PLACE = 3;

interface Section {
  readonly path: string;
  readonly rows: readonly string[];
}

/**
 * Tables of all fields below `path`, from the schema's own words. Each larger object has a heading and a table, in which
 * the fields are named relative to it.
 */
export function fieldTables(schema: Structural, path: string): string {
  const [own, ...others] = sectionsOf(schema, path);
  return [table(own?.rows ?? []), ...others.map((section) => `### \`${section.path}\`\n\n${table(section.rows)}`)].join(
    "\n\n",
  );
}

const table = (rows: readonly string[]): string =>
  ["| Field | Type | Description |", "| --- | --- | --- |", ...rows].join("\n");

function sectionsOf(schema: Structural, path: string): readonly Section[] {
  const rows: string[] = [];
  const others: Section[] = [];
  const collect = (parent: Structural, prefix: string): void => {
    const required = new Set((parent["required"] as readonly string[] | undefined) ?? []);
    for (const [name, child] of Object.entries(parent.properties ?? {})) {
      const below = childrenOf(child);
      const place = childPath(prefix + name, child);
      const isLarge = fieldsBelow(below) > MOST_FIELDS_IN_PLACE;
      const here = `${path}.${place}`;
      rows.push(
        row({ name: prefix + name, schema: child, isRequired: required.has(name), ...(isLarge ? { here } : {}) }),
      );
      if (isLarge) others.push(...sectionsOf(below, here));
      else collect(below, `${place}.`);
    }
  };
  collect(schema, "");
  return [{ path, rows }, ...others];
}

const fieldsBelow = (schema: Structural): number =>
  Object.values(schema.properties ?? {}).reduce((count, child) => count + 1 + fieldsBelow(childrenOf(child)), 0);

interface Field {
  readonly name: string;
  readonly schema: Structural;
  readonly isRequired: boolean;
  /** Where its own fields are, when they have a table of their own. */
  readonly here?: string;
}

function row({ name, schema, isRequired, here }: Field): string {
  const description = ((schema["description"] as string | undefined) ?? "")
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;");
  const link = here === undefined ? "" : ` Fields: [\`${here}\`](#${here.toLowerCase().replaceAll(/[^\w-]/g, "")}).`;
  return `| \`${name}\`${isRequired ? " (required)" : ""} | ${typeOf(schema)} | ${description}${link} |`;
}

function typeOf(schema: Structural): string {
  const values = schema["enum"] as readonly unknown[] | undefined;
  if (values !== undefined) return values.map(String).join(" \\| ");
  const items = schema["items"] as Structural | undefined;
  return items === undefined ? String(schema.type) : `list of ${typeOf(items)}`;
}

const childrenOf = (schema: Structural): Structural => (schema["items"] as Structural | undefined) ?? schema;
const childPath = (path: string, schema: Structural): string => ("items" in schema ? `${path}[]` : path);
