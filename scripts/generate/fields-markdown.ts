import type { KindDefinition } from "../../src/kinds/registry.ts";
import { type Structural, structuralSchema } from "./structural.ts";

/** Tables of every field of every kind, from the schemas' own words. */
export function fieldsMarkdown(kinds: readonly KindDefinition[]): string {
  const parts = kinds.map((definition) => {
    const { properties = {} } = structuralSchema(definition.schema);
    const spec = rows(properties["spec"] ?? {}, "spec");
    const status = rows(properties["status"] ?? {}, "status");
    const header = "| field | type | what |\n| --- | --- | --- |";
    return `## ${definition.kind}\n\n${definition.description}\n\n${header}\n${spec.join("\n")}\n\n### Status\n\n${header}\n${status.join("\n")}\n`;
  });
  return `# Fields\n\nGenerated from the schemas by \`npm run generate\`.\n\n${parts.join("\n")}`;
}

function rows(schema: Structural, path: string): readonly string[] {
  const required = new Set((schema["required"] as readonly string[] | undefined) ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const here = `${path}.${name}`;
    return [row(here, child, required.has(name)), ...rows(childrenOf(child), childPath(here, child))];
  });
}

function row(path: string, schema: Structural, isRequired: boolean): string {
  const description = ((schema["description"] as string | undefined) ?? "").replaceAll("|", "\\|");
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
