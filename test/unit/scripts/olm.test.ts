import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { CUSTOM_RESOURCES } from "../../../src/kinds/registry.ts";
import { OPERATOR_VERSION } from "../../../src/version.ts";

const read = <T>(path: string): T => parse(readFileSync(path, "utf8")) as T;

interface Csv {
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly version: string;
    readonly install: {
      readonly spec: Readonly<
        Record<"clusterPermissions" | "permissions", readonly { readonly rules: readonly object[] }[]>
      >;
    };
  };
}

const csv = read<Csv>("bundle/manifests/m2m-operator.clusterserviceversion.yaml");
const { clusterPermissions, permissions } = csv.spec.install.spec;

it("the bundle holds the same roles as the kustomization of a whole cluster", () => {
  const role = (path: string) => read<{ rules: readonly object[] }>(path).rules;
  expect(clusterPermissions.map(({ rules }) => rules)).toEqual([role("deploy/overlays/cluster/role.yaml")]);
  expect(permissions.map(({ rules }) => rules)).toEqual([role("deploy/base/leader-election-role.yaml")]);
});

it("it has the version of the package, and one example of each kind", () => {
  expect([csv.metadata.name, csv.spec.version]).toEqual([`m2m-operator.v${OPERATOR_VERSION}`, OPERATOR_VERSION]);
  const examples = JSON.parse(csv.metadata.annotations["alm-examples"] ?? "") as readonly { readonly kind: string }[];
  expect(examples.map(({ kind }) => kind)).toEqual(CUSTOM_RESOURCES.map(({ kind }) => kind));
});

it("claims the level that is tested, the same as the chart, and invents no address", () => {
  const { annotations } = read<{ readonly annotations: Readonly<Record<string, string>> }>(
    "charts/m2m-operator/Chart.yaml",
  );
  // No release was ever upgraded, so no higher level is shown.
  const level = "Basic Install";
  expect(csv.metadata.annotations["capabilities"]).toBe(level);
  expect(annotations["artifacthub.io/operatorCapabilities"]).toBe(level);
  expect(readFileSync("bundle/manifests/m2m-operator.clusterserviceversion.yaml", "utf8")).not.toMatch(/\w@[\w.]+\w/);
});
