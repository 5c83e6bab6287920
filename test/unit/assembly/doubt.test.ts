import { expect, it } from "vitest";
import { createCaches } from "../../../src/assembly/caches.ts";
import { doubtAfter } from "../../../src/assembly/doubt.ts";
import type { ObjectKey } from "../../../src/controller/object-key.ts";
import { resultOf } from "../../../src/controller/result.ts";
import { ProviderError, type ProviderErrorCode } from "../../../src/ports/provider-error.ts";
import { createConnections } from "../../../src/tenant/connections.ts";

const NOW = new Date("2026-01-01T12:00:00Z");
const PROVIDER = { kind: "ClusterIdentityProvider", namespace: "", name: "default" };

/** Keys that are reconciled after a client's pass failed so, and since when the tenant is doubted. */
function after(code: ProviderErrorCode): { readonly doubtedAt: Date | undefined; readonly keys: readonly ObjectKey[] } {
  const caches = createCaches("m2m-system", { error: () => undefined });
  const metadata = (uid: string, name: string, namespace: object) => ({
    uid,
    name,
    resourceVersion: "1",
    ...namespace,
  });
  const spec = { keycloak: { url: "https://sso.example.com", realm: "machines" } };
  caches.clusterIdentityProviders.put({ ...PROVIDER, metadata: metadata("p", "default", {}), spec } as never);
  const client = { kind: "M2MClient", metadata: metadata("c", "importer", { namespace: "payroll" }), spec: {} };
  caches.m2mClients.put(client as never);
  const connections = createConnections();
  const keys: ObjectKey[] = [];
  const parts = { caches, connections, enqueue: (key: ObjectKey) => void keys.push(key), now: () => NOW };
  const key = { kind: "M2MClient", namespace: "payroll", name: "importer" };
  doubtAfter(parts, key, resultOf(new ProviderError(code, "no")));
  return { doubtedAt: connections.doubtedAt("p"), keys };
}

it.each(["unauthorized", "no_credential", "forbidden", "unavailable"] as const)(
  "a client whose pass fails with %s makes its provider object try for itself",
  (code) => {
    expect(after(code)).toEqual({ doubtedAt: NOW, keys: [PROVIDER] });
  },
);

it("a request that is wrong by itself says nothing of the tenant", () => {
  expect(after("invalid")).toEqual({ doubtedAt: undefined, keys: [] });
});
