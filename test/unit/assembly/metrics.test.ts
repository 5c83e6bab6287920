import { expect, it } from "vitest";
import { createCaches } from "../../../src/assembly/caches.ts";
import { forgetGoneClients } from "../../../src/assembly/instruments.ts";
import { createTenantMetrics } from "../../../src/assembly/tenant-metrics.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";

it("a tenant that nobody uses any more leaves no series behind, and the others theirs", async () => {
  const metrics = createMetrics(["M2MClient"]);
  const tenants = createTenantMetrics(metrics);
  for (const tenant of ["preview", "acme"])
    for (const [method, status] of [
      ["GET", 200],
      ["GET", 429],
      ["POST", 0],
    ] as const)
      tenants.observe({ tenant, method, status, seconds: 1 });
  tenants.forget("preview");
  const text = await metrics.registry.metrics();
  expect(text).not.toContain('tenant="preview"');
  expect(text.match(/^m2m_operator_provider_requests_total\{tenant="acme"/gm)).toHaveLength(3);
});

it("a client that is gone leaves no series behind", async () => {
  const metrics = createMetrics(["M2MClient"]);
  const caches = createCaches("operator", { error: () => undefined });
  forgetGoneClients(metrics, caches);
  const client = (name: string) => ({
    ...{ apiVersion: "v1", kind: "M2MClient", spec: {} },
    metadata: { namespace: "ns", name, uid: name, resourceVersion: "1" },
  });
  for (const name of ["gone", "stays"]) {
    caches.m2mClients.put(client(name) as never);
    metrics.rotationFailures.inc({ namespace: "ns", name });
  }
  caches.m2mClients.remove(client("gone") as never);
  const text = await metrics.registry.metrics();
  expect(text).not.toContain('name="gone"');
  expect(text).toContain('m2m_operator_rotation_failures_total{namespace="ns",name="stays"} 1');
});
