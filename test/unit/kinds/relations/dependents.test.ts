import { describe, expect, it } from "vitest";
import { createCaches } from "../../../../src/assembly/caches.ts";
import { affectedBy, dependentsOf, siblingsOf } from "../../../../src/kinds/relations/dependents.ts";
import type { ScopeGrant } from "../../../../src/kinds/scope-grant/schema.ts";

const providerRef = { kind: "ClusterIdentityProvider", name: "default" };

const object = (kind: string, namespace: string, name: string, spec: object, status: object = {}): never =>
  ({
    apiVersion: "m2m-operator.io/v1alpha1",
    kind,
    metadata: { name, namespace, uid: `${kind}/${namespace}/${name}`, resourceVersion: "1" },
    ...{ spec, status },
  }) as never;

/** One API in payroll; clients of payroll and billing with grants on it, and one grant for all clients. */
function cluster() {
  const caches = createCaches("m2m-system", { error: (...told) => expect(told).toEqual([]) });
  const apiRef = { name: "timesheets", namespace: "payroll" };
  caches.oAuthApis.put(
    object("OAuthApi", "payroll", "timesheets", { providerRef, audience: "https://a/", scopes: [] }),
  );
  caches.m2mClients.put(object("M2MClient", "payroll", "importer", { providerRef }));
  caches.m2mClients.put(object("M2MClient", "billing", "reader", { providerRef }));
  const grant = (namespace: string, name: string, spec: object, status?: object): ScopeGrant => {
    const made: ScopeGrant = object("ScopeGrant", namespace, name, { apiRef, ...spec }, status);
    caches.scopeGrants.put(made);
    return made;
  };
  return {
    caches,
    upload: grant("payroll", "upload", { clientRef: { name: "importer" } }),
    approve: grant("payroll", "approve", { clientRef: { name: "importer" } }),
    read: grant("billing", "read", { clientRef: { name: "reader" } }),
    everybody: grant("payroll", "everybody", { allClients: true }),
    // Its client is gone: only status knows the provider.
    orphan: grant("payroll", "orphan", { clientRef: { name: "gone" } }, { providerRef }),
  };
}

const names = (grants: readonly { readonly metadata: { readonly name: string } }[]): string[] =>
  grants.map(({ metadata }) => metadata.name).sort();

describe("who refers to whom", () => {
  it("grants of one client are siblings, and those for all clients of an API are", () => {
    const { caches, upload, everybody } = cluster();
    expect(names(siblingsOf(caches, upload))).toEqual(["approve", "upload"]);
    expect(names(siblingsOf(caches, everybody))).toEqual(["everybody"]);
  });

  it("a grant for all clients affects the grants of every client of the API, in every namespace", () => {
    const { caches, upload, everybody } = cluster();
    expect(names(affectedBy(caches, everybody))).toEqual(["approve", "everybody", "orphan", "read", "upload"]);
    expect(names(affectedBy(caches, upload))).toEqual(["approve", "upload"]);
  });

  it("a provider's dependents are each named once: directly, through a client or an API, or as status recorded", () => {
    const { caches } = cluster();
    const provider = { kind: "ClusterIdentityProvider", metadata: { name: "default" } } as never;
    expect(names(dependentsOf(caches, provider))).toEqual([
      "approve",
      "everybody",
      "importer",
      "orphan",
      "read",
      "reader",
      "timesheets",
      "upload",
    ]);
  });
});
