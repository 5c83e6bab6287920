import { describe, expect, it } from "vitest";
import { type Caches, createCaches } from "../../../src/assembly/caches.ts";
import { createMemory, wireForgetting } from "../../../src/assembly/forgetting.ts";
import type { ObjectKey } from "../../../src/controller/object-key.ts";
import { textOfKey } from "../../../src/controller/object-key.ts";
import type { ProcessMemory } from "../../../src/kinds/kind-context.ts";
import { outputKeyOf } from "../../../src/kinds/outputs/memory.ts";
import { requestedReadKeyOf } from "../../../src/kinds/status/requested-reads.ts";
import type { KubeObject, Store } from "../../../src/kube/store.ts";
import type { Resource } from "../../../src/ports/resource.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { createConnections } from "../../../src/tenant/connections.ts";

const COUNT = 2000;
const AT = new Date("2026-01-01T00:00:00Z");
const SPECS: Readonly<Record<string, object>> = {
  IdentityProvider: { auth0: { domain: "acme" }, credentialsSecretRef: { name: "credentials" } },
  OAuthApi: { audience: "https://api", scopes: [] },
  ScopeGrant: { clientRef: { name: "client" }, apiRef: { name: "api" } },
};

const object = (kind: string, index: number): KubeObject & Resource => ({
  apiVersion: "v1",
  kind,
  metadata: {
    name: `${kind.toLowerCase()}-${String(index)}`,
    namespace: `team-${String(index % 100)}`,
    uid: `${kind}-${String(index)}`,
    resourceVersion: String(index + 1),
    generation: 1,
  },
  spec: SPECS[kind] ?? {},
});

/** Everything that this process may remember of an object, as the rooms write it down. */
function remember(memory: ProcessMemory, connections: ReturnType<typeof createConnections>, resource: Resource): void {
  const { kind, metadata } = resource;
  const { namespace = "", name, uid } = metadata;
  const output = { kind: "Secret", name, uid, resourceVersion: "1", renderedFrom: "" } as const;
  if (kind === "Secret" || kind === "ConfigMap") memory.outputs.set(outputKeyOf(kind, namespace, name), output);
  if (kind === "Secret") {
    memory.states.set(`${namespace}/${name}`, { version: "1" });
    memory.signingSecrets.set(`${namespace}/${name}`, { version: "1", fingerprint: undefined });
  }
  if (kind === "Secret" || kind === "ConfigMap") return;
  if (kind === "M2MClient") memory.requestedRotations.set(uid, [0]);
  memory.requestedReads.set(requestedReadKeyOf(resource), "now");
  if (kind === "OAuthApi" || kind.endsWith("IdentityProvider")) memory.revocations.set(uid, { sets: [], at: 0 });
  if (!kind.endsWith("IdentityProvider")) return;
  memory.verifications.set(uid, [{ namespace: "payroll", at: 1 }]);
  connections.fail(uid, { kind: "wait", reason: "ProviderUnavailable", message: "" }, AT);
}

const STORES: readonly (readonly [string, keyof Caches])[] = [
  ["IdentityProvider", "identityProviders"],
  ["ClusterIdentityProvider", "clusterIdentityProviders"],
  ["OAuthApi", "oAuthApis"],
  ["M2MClient", "m2mClients"],
  ["ScopeGrant", "scopeGrants"],
  ["Secret", "secrets"],
  ["ConfigMap", "configMaps"],
];

describe("what this process remembers of objects", () => {
  it("goes with them", async () => {
    const caches = createCaches("operator", { error: (...told) => expect(told).toEqual([]) });
    const [memory, connections] = [createMemory(), createConnections()];
    const metrics = createMetrics([]);
    const later = new Set<string>();
    const events = new Set<string>();
    wireForgetting({
      caches,
      context: {
        memory,
        connections,
        events: { record: () => undefined, forget: (uid) => events.delete(uid) },
      },
      queue: { forget: (key: ObjectKey) => later.delete(textOfKey(key)) },
      metrics,
    });
    for (const [kind, cache] of STORES) {
      const store = caches[cache] as unknown as Store<KubeObject>;
      const spec = kind === "ClusterIdentityProvider" ? { spec: SPECS["IdentityProvider"] } : {};
      const objects = Array.from({ length: COUNT }, (_, index) => ({ ...object(kind, index), ...spec }));
      for (const each of objects) {
        store.put(each);
        remember(memory, connections, each);
        if (kind === "Secret" || kind === "ConfigMap") continue;
        const { namespace = "", name, uid } = each.metadata;
        later.add(textOfKey({ kind, namespace, name }));
        events.add(uid);
        if (kind === "M2MClient") metrics.rotationFailures.inc({ namespace, name });
      }
      for (const each of objects) store.remove(each);
    }
    const sizes = Object.entries(memory).map(([name, entries]: [string, Map<string, unknown>]) => [name, entries.size]);
    expect(Object.fromEntries(sizes)).toEqual({
      ...{ outputs: 0, states: 0, signingSecrets: 0, requestedReads: 0, revocations: 0, verifications: 0 },
      requestedRotations: 0,
    });
    expect(connections.size()).toBe(0);
    expect([later.size, events.size]).toEqual([0, 0]);
    expect((await metrics.rotationFailures.get()).values).toEqual([]);
  });
});
