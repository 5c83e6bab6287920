import { describe, expect, it } from "vitest";
import { createCaches, type Caches } from "../../../src/assembly/caches.ts";
import { enqueueAfterRead } from "../../../src/assembly/tenant-read.ts";
import { wireTriggers } from "../../../src/assembly/triggers.ts";
import type { ObjectKey } from "../../../src/controller/object-key.ts";
import { LIFTS as PROVIDER_LIFTS } from "../../../src/kinds/identity-provider/halts.ts";
import { LIFTS as CLIENT_LIFTS } from "../../../src/kinds/m2m-client/halts.ts";
import { LIFTS as API_LIFTS } from "../../../src/kinds/oauth-api/halts.ts";
import { type Waker, WAKERS } from "../../../src/kinds/relations/wakers.ts";
import { LIFTS as GRANT_LIFTS } from "../../../src/kinds/scope-grant/halts.ts";

const NS = "payroll";
const SYSTEM = "m2m-system";
const providerRef = { kind: "ClusterIdentityProvider", name: "default" };

let version = 0;
const object = (kind: string, name: string, spec: object, more: object = {}, status: object = {}): never =>
  ({
    apiVersion: "m2m-operator.io/v1alpha1",
    kind,
    metadata: {
      ...{ name, uid: `${kind}/${name}`, generation: 1, resourceVersion: String(++version) },
      ...(kind === "ClusterIdentityProvider" ? {} : { namespace: NS }),
      ...more,
    },
    spec,
    status,
  }) as never;

/** An object that is halted for this reason. */
const halted = (reason: string): object => ({ conditions: [{ type: "Ready", status: "False", reason, message: "" }] });

/** It is at the tenant now. */
const arrived = { ...halted("Arrived"), externalId: "ext_1" };

const API = { providerRef, audience: "https://api.example.com/", scopes: [], configMap: { name: "api-oauth" } };
const CLIENT = {
  ...{ providerRef, adopt: true, clientId: "abc" },
  secret: { name: "client-oauth", template: { apiRefs: [{ as: "other", name: "api" }] } },
};
const GRANT = { clientRef: { name: "client" }, apiRef: { name: "api" }, secret: { name: "grant-oauth" } };
const PROVIDER = { auth0: { domain: "acme.auth0.com" }, credentialsSecretRef: { name: "credentials" } };

/** A cluster with one object of each kind, in this state; everything that was enqueued so far is forgotten. */
function world(status: object): { readonly caches: Caches; readonly woken: Set<string> } {
  const caches = createCaches(SYSTEM, { error: (...told) => expect(told).toEqual([]) });
  const woken = new Set<string>();
  wireTriggers(
    caches,
    ({ kind, name }: ObjectKey) => {
      woken.add(`${kind}/${name}`);
    },
    () => true,
  );
  caches.clusterIdentityProviders.put(object("ClusterIdentityProvider", "default", PROVIDER, {}, status));
  caches.oAuthApis.put(object("OAuthApi", "api", API, {}, status));
  caches.m2mClients.put(object("M2MClient", "client", CLIENT, {}, status));
  caches.scopeGrants.put(object("ScopeGrant", "grant", GRANT, {}, status));
  caches.namespaces.put(object("Namespace", NS, {}, { namespace: undefined }));
  woken.clear();
  return { caches, woken };
}

type Name = "ClusterIdentityProvider/default" | "OAuthApi/api" | "M2MClient/client" | "ScopeGrant/grant";

/** What happens in the cluster, or is read at the tenant, when this waker is due for this object. */
const EVENTS: Readonly<Record<Waker, (caches: Caches, name: Name) => void>> = {
  self: (caches, name) => {
    const edited = { generation: 2 };
    if (name === "OAuthApi/api") caches.oAuthApis.put(object("OAuthApi", "api", API, edited));
    else if (name === "M2MClient/client") caches.m2mClients.put(object("M2MClient", "client", CLIENT, edited));
    else if (name === "ScopeGrant/grant") caches.scopeGrants.put(object("ScopeGrant", "grant", GRANT, edited));
    else caches.clusterIdentityProviders.put(object("ClusterIdentityProvider", "default", PROVIDER, edited));
  },
  provider: (caches) => {
    caches.clusterIdentityProviders.put(object("ClusterIdentityProvider", "default", PROVIDER, {}, halted("Ready")));
  },
  dependents: (caches) => {
    caches.clusterIdentityProviders.put(
      object("ClusterIdentityProvider", "default", PROVIDER, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    );
    wokenBy.get(caches)?.clear();
    caches.oAuthApis.replaceAll([]);
  },
  credentials: (caches) => {
    caches.secrets.put(object("Secret", "credentials", {}, { namespace: SYSTEM }));
  },
  tenantRead: (caches) => {
    const [provider] = caches.clusterIdentityProviders.list();
    if (provider === undefined) throw new Error("no provider");
    enqueueAfterRead(caches, ({ kind, name }) => wokenBy.get(caches)?.add(`${kind}/${name}`), provider);
  },
  client: (caches) => {
    caches.m2mClients.put(object("M2MClient", "client", CLIENT, {}, arrived));
  },
  api: (caches) => {
    caches.oAuthApis.put(object("OAuthApi", "api", API, {}, arrived));
  },
  grants: (caches) => {
    caches.scopeGrants.put(object("ScopeGrant", "another", GRANT));
    caches.scopeGrants.put(object("ScopeGrant", "another", GRANT, {}, arrived));
  },
  claimants: (caches) => {
    caches.oAuthApis.put(object("OAuthApi", "rival", API));
    caches.m2mClients.put(object("M2MClient", "rival", CLIENT));
  },
  outputs: (caches) => {
    for (const name of ["client-oauth", "grant-oauth"]) caches.secrets.put(object("Secret", name, {}));
    caches.configMaps.put(object("ConfigMap", "api-oauth", {}));
  },
  namespace: (caches) => {
    caches.namespaces.put(object("Namespace", NS, {}, { namespace: undefined, labels: { team: "payroll" } }));
  },
};
const wokenBy = new WeakMap<Caches, Set<string>>();

const KINDS: readonly (readonly [Name, Readonly<Record<string, readonly Waker[]>>])[] = [
  ["ClusterIdentityProvider/default", PROVIDER_LIFTS],
  ["OAuthApi/api", API_LIFTS],
  ["M2MClient/client", CLIENT_LIFTS],
  ["ScopeGrant/grant", GRANT_LIFTS],
];

describe.each(KINDS)("every halt of %s is lifted by what its table names", (name, lifts) => {
  const cases = Object.entries(lifts).flatMap(([reason, wakers]) => wakers.map((waker) => ({ reason, waker })));
  it.each(cases)("$reason: $waker", ({ reason, waker }) => {
    const { caches, woken } = world(halted(reason));
    wokenBy.set(caches, woken);
    EVENTS[waker](caches, name);
    expect([...woken]).toContain(name);
  });
});

it("no waker is without a halt that it lifts", () => {
  const used = new Set(KINDS.flatMap(([, lifts]) => Object.values(lifts).flat()));
  expect([...WAKERS].filter((waker) => !used.has(waker))).toEqual([]);
});

it("a read of the tenant wakes nobody who does not wait for somebody to act there", () => {
  const { caches, woken } = world({ conditions: [{ type: "Ready", status: "True", reason: "Ready", message: "" }] });
  wokenBy.set(caches, woken);
  EVENTS.tenantRead(caches, "OAuthApi/api");
  expect([...woken]).toEqual([]);
});
