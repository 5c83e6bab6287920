import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import type { World } from "../world.ts";
import { createOktaWorld, type OrgView } from "./org.ts";

let world: World;
let view: OrgView;
beforeAll(async () => {
  ({ world, view } = await createOktaWorld());
});
afterAll(async () => {
  await world.end();
});

const management = () => world.sandbox.calls.since(0).filter(({ path }) => path.startsWith("/api/"));

async function versions(ns: string): Promise<unknown> {
  const kinds = ["M2MClient", "OAuthApi", "ScopeGrant", "Secret", "ConfigMap"];
  const lists = await Promise.all(kinds.map((kind) => world.cluster.list(kind, ns)));
  return lists.flat().map(({ kind, metadata }) => [kind, metadata.name, metadata.resourceVersion]);
}

const oldestRead = async (): Promise<number> => {
  const { Agent, fetch } = await import("undici");
  const dispatcher = new Agent();
  const answer = await fetch(`http://127.0.0.1:${String(world.operator().metricsPort)}/metrics`, { dispatcher });
  const text = await answer.text();
  await dispatcher.close();
  return Number(/^m2m_\w*read_age\w*\{[^}]*\} ([\d.]+)$/m.exec(text)?.[1] ?? Number.NaN);
};

it("a restart reads the two listings and nothing else before it is Ready, then the rest by and by, and writes nothing", async () => {
  const ns = await world.namespace();
  const names = ["a", "b", "c"];
  for (const name of names) {
    await world.api(ns, name, { configMap: { name: `${name}-oauth` } });
    await world.client(ns, name);
    await world.grant(ns, name, {
      clientRef: { name },
      apiRef: { name },
      allScopes: true,
      secret: { name: `${name}-alone` },
    });
  }
  for (const name of names) {
    await world.ready("ScopeGrant", ns, name);
    await eventually(
      () => world.cluster.get("M2MClient", ns, name),
      (client) => conditionOf(client, "Verified")?.status === "True",
      "Verified",
    );
  }
  await world.stopOperator();
  const before = await versions(ns);
  // Every answer of the sweep waits, so that what comes before it can be told apart.
  world.sandbox.faults.add({
    tenant: "okta",
    path: "^/api/v1/authorizationServers/[^/]+/",
    times: 1,
    effect: { latencyMs: 1000 },
  });
  world.sandbox.calls.clear();
  await world.startOperator();
  await eventually(
    () => Promise.resolve(management().length),
    (count) => count >= 2,
    "the listings",
  );
  const first = management().map(({ method, path }) => `${method} ${path}`);
  expect(first.slice(0, 2).sort()).toEqual(["GET /api/v1/apps", "GET /api/v1/authorizationServers"]);
  for (const name of names) await world.ready("ScopeGrant", ns, name);
  await eventually(
    () => Promise.resolve(management().filter(({ path }) => path.endsWith("/rules")).length),
    (reads) => reads >= names.length,
    "the sweep",
  );
  await eventually(oldestRead, (age) => age < 60, "the age of the oldest read");
  // The default server has no policies: scopes and policies of four servers, and rules of three.
  expect(management()).toHaveLength(2 + 2 * view.org.state.servers.size + names.length);
  expect(management().filter(({ method }) => method !== "GET")).toEqual([]);
  expect(await versions(ns)).toEqual(before);
});

it("what is published is back at once after a restart, before anything is read of its server", async () => {
  const ns = await world.namespace();
  await world.api(ns, "api");
  await world.client(ns, "job");
  const secret = { name: "job-alone" };
  await world.grant(ns, "job", { clientRef: { name: "job" }, apiRef: { name: "api" }, allScopes: true, secret });
  await world.ready("ScopeGrant", ns, "job");
  await eventually(
    () => world.cluster.get("M2MClient", ns, "job"),
    (client) => conditionOf(client, "Ready")?.status === "True",
    "Ready",
  );
  const before = [await world.cluster.secret(ns, "job"), await world.cluster.secret(ns, "job-alone")];
  await world.stopOperator();
  await world.cluster.remove("Secret", ns, "job");
  await world.cluster.remove("Secret", ns, "job-alone");
  await world.startOperator();
  await eventually(
    async () => [await world.cluster.secret(ns, "job"), await world.cluster.secret(ns, "job-alone")],
    (now) => JSON.stringify(now) === JSON.stringify(before),
    "the same Secrets",
  );
});
