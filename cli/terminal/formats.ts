import { Option } from "commander";
import { stringify } from "yaml";
import type { AnyResource } from "../cluster/objects.ts";
import { GROUP } from "../../src/kinds/registry.ts";

/** How a command prints its result. */
export type Format = "table" | "json" | "yaml" | "name";

const FORMATS: readonly Format[] = ["table", "json", "yaml", "name"];

/** `-o`, as in kubectl. `more`: formats of one command alone; the first one is its default. */
export const formatOption = (...more: readonly string[]): Option =>
  new Option("-o, --output <format>", "Output format.").choices([...more, ...FORMATS]).default(more[0] ?? "table");

/** A value as JSON or YAML. */
export const document = (value: unknown, format: "json" | "yaml"): string =>
  format === "json" ? JSON.stringify(value, null, 2) : stringify(value);

/** `m2mclient.m2m-operator.io/billing`, as kubectl prints it. */
export const kubectlName = (kind: string, name: string): string => `${kind.toLowerCase()}.${GROUP}/${name}`;

/** One object in a format other than table. */
export function objectText(object: AnyResource, format: Exclude<Format, "table">): string {
  return format === "name" ? kubectlName(object.kind, object.metadata.name) : document(shown(object), format);
}

/** Without what only the API server needs, as kubectl prints it. */
function shown({ metadata, ...rest }: AnyResource): object {
  const { managedFields: _managed, ...kept } = metadata as AnyResource["metadata"] & {
    readonly managedFields?: unknown;
  };
  return { ...rest, metadata: kept };
}
