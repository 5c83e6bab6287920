import type { Structural } from "./structural.ts";

/** A table row for every field below `path`, from the schema's own words. */
export function fieldRows(schema: Structural, path: string): readonly string[] {
  const required = new Set((schema["required"] as readonly string[] | undefined) ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const here = `${path}.${name}`;
    return [row(here, child, required.has(name)), ...fieldRows(childrenOf(child), childPath(here, child))];
  });
}

function row(path: string, schema: Structural, isRequired: boolean): string {
  const description = ((schema["description"] as string | undefined) ?? "")
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;");
  return `| \`${path}\`${isRequired ? " (required)" : ""} | ${typeOf(schema)} | ${description} |`;
}

function typeOf(schema: Structural): string {
  const values = schema["enum"] as readonly unknown[] | undefined;
  if (values !== undefined) return values.map(String).join(" \\| ");
  const items = schema["items"] as Structural | undefined;
  return items === undefined ? String(schema.type) : `list of ${typeOf(items)}`;
}

const childrenOf = (schema: Structural): Structural => (schema["items"] as Structural | undefined) ?? schema;
const childPath = (path: string, schema: Structural): string => ("items" in schema ? `${path}[]` : path);
