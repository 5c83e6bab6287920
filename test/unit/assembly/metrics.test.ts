import { expect, it } from "vitest";
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
