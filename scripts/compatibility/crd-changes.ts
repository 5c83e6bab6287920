import { breakingChanges, type Change, type Schema } from "./schema-changes.ts";

export interface Crd {
  readonly spec: {
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** What a new version of a CustomResourceDefinition takes away from users of the old one. */
export function crdChanges(before: Crd, after: Crd | undefined): readonly Change[] {
  if (after === undefined) return [{ path: "", what: "the kind is gone" }];
  const { scope, names, versions } = before.spec;
  const changes: Change[] = [];
  if (after.spec.scope !== scope) changes.push({ path: "", what: `scope is ${after.spec.scope}, was ${scope}` });
  if (after.spec.names.plural !== names.plural) changes.push({ path: "", what: "has another plural" });
  for (const { name, served, schema } of versions.filter((version) => version.served)) {
    const next = after.spec.versions.find((version) => version.name === name);
    if (next?.served !== served) changes.push({ path: "", what: `version ${name} is no longer served` });
    else changes.push(...breakingChanges(schema.openAPIV3Schema, next.schema.openAPIV3Schema));
  }
  return changes;
}

/**
 * Changes that the changelog does not own up to. One is accepted where the part about what is unreleased names kind and
 * field in backquotes, such as `M2MClient spec.rotation`.
 */
export function unannounced(kind: string, changes: readonly Change[], changelog: string): readonly string[] {
  const unreleased = /## \[Unreleased\]\n([\s\S]*?)(?=\n## \[|$)/.exec(changelog)?.[1] ?? "";
  return changes
    .map(({ path, what }) => ({ name: path === "" ? kind : `${kind} ${path}`, what }))
    .filter(({ name }) => !unreleased.includes(`\`${name}\``))
    .map(({ name, what }) => `${name}: ${what}`);
}
