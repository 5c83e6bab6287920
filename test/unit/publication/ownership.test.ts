import { expect, it } from "vitest";
import type { ObjectHead, OwnerReference } from "../../../src/ports/cluster.ts";
import { ownershipOf } from "../../../src/publication/ownership.ts";

const owner: OwnerReference = {
  apiVersion: "m2m-operator.io/v1alpha1",
  kind: "M2MClient",
  name: "importer",
  uid: "uid-new",
  controller: true,
};
const restored = { ...owner, uid: "uid-old" };
const managed = { "m2m-operator.io/managed": "true" };

function head(owners: readonly OwnerReference[], labels: Readonly<Record<string, string>> = managed): ObjectHead {
  const place = { namespace: "payroll", name: "importer-oauth", uid: "u", resourceVersion: "1" };
  return { ...place, labels, owners, annotations: {}, finalizers: [], isDeleting: false };
}

const plain = { ...owner, controller: false };

it.each<[string, ObjectHead, "ours" | "takeOver" | "foreign"]>([
  ["controlled by this resource", head([owner]), "ours"],
  ["controlled by this resource though somebody took the label off", head([owner], {}), "ours"],
  ["controlled by it and owned by others too", head([{ ...plain, uid: "x", kind: "Job" }, owner]), "ours"],
  ["controlled by a namesake that is gone, with our label", head([restored]), "takeOver"],
  [
    "controlled by it under an earlier API version",
    head([{ ...restored, apiVersion: "m2m-operator.io/v1" }]),
    "takeOver",
  ],
  ["controlled by a namesake, without our label", head([restored], {}), "foreign"],
  ["controlled by a namesake, our label denied", head([restored], { "m2m-operator.io/managed": "false" }), "foreign"],
  ["controlled by a resource of another name", head([{ ...restored, name: "other" }]), "foreign"],
  ["controlled by a resource of another kind", head([{ ...restored, kind: "ScopeGrant" }]), "foreign"],
  ["controlled by a namesake of another group", head([{ ...restored, apiVersion: "example.org/v1" }]), "foreign"],
  ["owned but not controlled by this resource", head([plain]), "foreign"],
  ["nobody's, with our label", head([]), "foreign"],
  [
    "somebody's",
    head([{ apiVersion: "apps/v1", kind: "Deployment", name: "importer", uid: "d", controller: true }]),
    "foreign",
  ],
])("an object %s", (_what, given, expected) => {
  expect(ownershipOf(given, owner)).toBe(expected);
});
