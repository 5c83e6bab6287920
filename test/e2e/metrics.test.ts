import { afterAll, beforeAll, expect, it } from "vitest";
import { OPERATOR_VERSION } from "../../src/version.ts";
import { eventually } from "../integration/cluster.ts";
import { scrape, type Series } from "./scrape.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

const readyOf = (series: readonly Series[], kind: string, namespace: string): readonly unknown[] =>
  series
    .filter(({ name }) => name === "m2m_operator_resource_ready")
    .filter(({ labels }) => labels["kind"] === kind && labels["namespace"] === namespace)
    .map(({ labels, value }) => [labels["name"], labels["reason"], value]);

const busy = (series: readonly Series[], controller: string): number | undefined =>
  series.find(({ name, labels }) => name === "controller_runtime_active_workers" && labels["controller"] === controller)
    ?.value;

it("each object tells whether it is Ready and why not, and nothing once it is gone", async () => {
  const ns = await world.namespace();
  await world.client(ns, "good");
  await world.grant(ns, "early", { clientRef: { name: "good" }, apiRef: { name: "missing" }, allScopes: true });
  await world.ready("M2MClient", ns, "good");
  await world.reason("ScopeGrant", ns, "early", "ApiNotReady");
  const series = await scrape(world);
  expect(readyOf(series, "M2MClient", ns)).toEqual([["good", "Ready", 1]]);
  expect(readyOf(series, "ScopeGrant", ns)).toEqual([["early", "ApiNotReady", 0]]);
  expect(readyOf(series, "ClusterIdentityProvider", "")).toContainEqual([world.provider, "Ready", 1]);
  await world.cluster.remove("ScopeGrant", ns, "early");
  await world.gone("ScopeGrant", ns, "early");
  await eventually(
    async () => readyOf(await scrape(world), "ScopeGrant", ns),
    (told) => told.length === 0,
    "the grant is no longer told of",
  );
});

it("a worker counts as busy while the tenant lets it wait, and no longer", async () => {
  const ns = await world.namespace();
  world.sandbox.faults.add({ method: "POST", path: "/clients$", effect: { latencyMs: 1000 } });
  await world.client(ns, "slow");
  await eventually(
    async () => busy(await scrape(world), "M2MClient"),
    (count) => count === 1,
    "one busy worker",
  );
  await world.ready("M2MClient", ns, "slow");
  await eventually(
    async () => busy(await scrape(world), "M2MClient"),
    (count) => count === 0,
    "no busy worker",
  );
});

it("tenants are called by their domain, the version and the leader are told, limits are those of the spec", async () => {
  const series = await scrape(world);
  const of = (name: string) => series.filter((candidate) => candidate.name === name);
  expect(of("m2m_operator_build_info").map(({ labels }) => labels["version"])).toEqual([OPERATOR_VERSION]);
  expect(of("leader_election_master_status").map(({ value }) => value)).toEqual([1]);
  for (const name of ["m2m_operator_governor_throttled_total", "m2m_operator_oldest_read_age_seconds"])
    expect(of(name).map(({ labels }) => labels["tenant"])).toEqual([world.sandbox.auth0.domain]);
  const rates = of("m2m_operator_governor_allowed_per_second").map(({ value }) => value);
  expect(rates.length).toBeGreaterThan(0);
  expect(Math.max(...rates)).toBeLessThanOrEqual(1000);
});

it("with --metrics-access=authorized only a token whose owner may get /metrics reads them, and probes need none", async () => {
  const ns = await world.namespace();
  const tokenOf = async (name: string): Promise<string> => {
    await world.cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: ns } });
    const { status } = await world.cluster.connection.request<{ status: { token: string } }>({
      method: "POST",
      path: `/api/v1/namespaces/${ns}/serviceaccounts/${name}/token`,
      body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
    });
    return status.token;
  };
  const [reader, stranger] = [await tokenOf("reader"), await tokenOf("stranger")];
  const role = `metrics-reader-${ns}`;
  const rbac = "rbac.authorization.k8s.io";
  await world.cluster.apply({
    ...{ apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: role } },
    rules: [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }],
  });
  await world.cluster.apply({
    ...{ apiVersion: `${rbac}/v1`, kind: "ClusterRoleBinding", metadata: { name: role } },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
    subjects: [{ kind: "ServiceAccount", name: "reader", namespace: ns }],
  });
  await world.stopOperator();
  await world.startOperator("--metrics-access", "authorized");
  const statusFor = async (path: string, token?: string): Promise<number> => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await fetch(`http://127.0.0.1:${String(world.operator().metricsPort)}${path}`, { headers })).status;
  };
  expect(await statusFor("/metrics")).toBe(401);
  expect(await statusFor("/metrics", "made-up")).toBe(401);
  expect(await statusFor("/metrics", stranger)).toBe(403);
  expect(await statusFor("/metrics", reader)).toBe(200);
  expect(await statusFor("/healthz")).toBe(200);
  expect(world.logs.join("\n")).not.toContain(reader);
  await world.cluster.remove("ClusterRoleBinding", "", role);
  await world.cluster.remove("ClusterRole", "", role);
});
