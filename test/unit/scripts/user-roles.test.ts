import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { CUSTOM_RESOURCES, GROUP } from "../../../src/kinds/registry.ts";

const root = join(import.meta.dirname, "../../..");
const READ = ["get", "list", "watch"];
const WRITE = ["create", "update", "patch", "delete", "deletecollection"];
const every = CUSTOM_RESOURCES.map(({ plural }) => plural).sort();
/** Objects outside namespaces: who may write one controls a whole tenant. */
const namespaced = CUSTOM_RESOURCES.filter(({ scope }) => scope === "Namespaced").map(({ plural }) => plural);
const clusterScoped = every.filter((plural) => !namespaced.includes(plural));

interface Role {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly rules: readonly { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
}

const roles = parseAllDocuments(readFileSync(join(root, "deploy/base/user-roles.yaml"), "utf8")).map(
  (document) => document.toJS() as Role,
);

describe("roles that users get", () => {
  it.each([
    ["m2m-operator-view", every, READ, ["admin", "edit", "view"]],
    ["m2m-operator-edit", namespaced, WRITE, ["admin", "edit"]],
    ["m2m-operator-provider-viewer", clusterScoped, READ, []],
  ] as const)("%s has every kind that it is for", (name, resources, verbs, aggregated) => {
    const role = roles.find(({ metadata }) => metadata.name === name);
    expect(role?.rules).toHaveLength(1);
    const [rule] = role?.rules ?? [];
    expect(rule?.apiGroups).toEqual([GROUP]);
    expect([...(rule?.resources ?? [])].sort()).toEqual([...resources].sort());
    expect(rule?.verbs).toEqual(verbs);
    const labels = Object.keys(role?.metadata.labels ?? {}).map((label) => label.replace(/^.*aggregate-to-/, ""));
    expect(labels.sort()).toEqual(aggregated);
  });

  it("are the same in the chart", () => {
    const chart = readFileSync(join(root, "charts/m2m-operator/templates/user-roles.yaml"), "utf8");
    const edited = /\$edited := list (?<names>[^}]*)\}\}/.exec(chart)?.groups?.["names"] ?? "";
    expect([...edited.matchAll(/"([a-z0-9]+)"/g)].map(([, plural]) => plural).sort()).toEqual([...namespaced].sort());
    const viewed = [...chart.matchAll(/prepend \$edited "([a-z0-9]+)"/g)].map(([, plural]) => plural);
    expect(viewed).toEqual(clusterScoped);
    for (const verb of [...READ, ...WRITE]) expect(chart).toContain(`"${verb}"`);
    expect(chart).toContain(`resources: [${clusterScoped.join(", ")}]`);
    expect(chart.match(/-provider-viewer/g)).toHaveLength(1);
  });
});
