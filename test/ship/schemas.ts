import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Connection } from "../../src/kube/connection.ts";
import { ROOT } from "./programs.ts";

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: unknown;
  items?: JsonSchema;
  format?: string;
  type?: string;
  $ref?: string;
  readonly "x-kubernetes-group-version-kind"?: readonly { group: string; version: string; kind: string }[];
}

interface CustomResourceDefinition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly [{ readonly name: string; readonly schema: { readonly openAPIV3Schema: JsonSchema } }];
  };
}

/**
 * Writes JSON schemas for kubeconform into `dir`: of everything the API server itself serves, and of our own kinds from
 * `crds/`. Unknown fields are errors. Returns the value of `-schema-location`.
 */
export async function writeSchemas(connection: Connection, dir: string): Promise<string> {
  const { definitions } = await connection.request<{ readonly definitions: Record<string, JsonSchema> }>({
    method: "GET",
    path: "/openapi/v2",
  });
  for (const [name, schema] of Object.entries(definitions)) {
    closed(schema);
    const [gvk] = schema["x-kubernetes-group-version-kind"] ?? [];
    if (gvk !== undefined) write(dir, gvk.kind, gvk.version, { $ref: `definitions.json#/definitions/${name}` });
  }
  writeFileSync(join(dir, "definitions.json"), JSON.stringify({ definitions }));
  for (const file of readdirSync(join(ROOT, "crds")).filter((name) => name !== "kustomization.yaml")) {
    const { spec } = parse(readFileSync(join(ROOT, "crds", file), "utf8")) as CustomResourceDefinition;
    const [{ name, schema }] = spec.versions;
    const root = closed(schema.openAPIV3Schema);
    // A CRD says of metadata only what it limits.
    delete root.properties?.["metadata"]?.additionalProperties;
    write(dir, spec.names.kind, name, root);
  }
  return `${dir}/{{.ResourceKind}}-{{.ResourceAPIVersion}}.json`;
}

function write(dir: string, kind: string, version: string, schema: JsonSchema): void {
  writeFileSync(join(dir, `${kind.toLowerCase()}-${version}.json`), JSON.stringify(schema));
}

/** What has properties has no others; metadata, which a CRD does not describe, stays open. */
function closed(schema: JsonSchema): JsonSchema {
  if (schema.format === "int-or-string") {
    delete schema.type;
    delete schema.format;
  }
  if (schema.properties !== undefined) schema.additionalProperties ??= false;
  for (const property of Object.values(schema.properties ?? {})) closed(property);
  if (schema.items !== undefined) closed(schema.items);
  if (typeof schema.additionalProperties === "object") closed(schema.additionalProperties as JsonSchema);
  return schema;
}
