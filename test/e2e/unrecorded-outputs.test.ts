import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../integration/cluster.ts";
import { controlPlane } from "../integration/control-plane.ts";
import { type FaultProxy, startFaultProxy } from "../integration/kube/fault-proxy.ts";
import { startOperatorProcess } from "./operator-process.ts";
import { createWorld, type World } from "./world.ts";

/** What the operator published a moment before it was killed, and no status records, while the spec names another. */
let world: World;
let proxy: FaultProxy;
let ns: string;
beforeAll(async () => {
  world = await createWorld();
  proxy = await startFaultProxy(controlPlane().operatorKubeconfigs.cluster);
  ns = await world.namespace();
});
afterAll(async () => {
  await proxy.close();
  await world.end();
});

/** Starts an operator and kills it once the API server has created this object, before anybody gets the answer. */
async function killedOnceCreated(kind: string, name: string): Promise<void> {
  const child = startOperatorProcess(world, { kubeconfig: proxy.kubeconfig });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  proxy.onAnswer((method, url, body) => {
    if (method === "POST" && url.includes(`/namespaces/${ns}/`) && body.includes(`"name":"${name}"`))
      child.kill("SIGKILL");
  });
  await ended;
  expect(await world.cluster.get(kind, ns, name)).toBeDefined();
}

it.each([
  ["the Secret of an M2MClient", "M2MClient", "Secret", "secret"],
  ["the Secret of a ScopeGrant", "ScopeGrant", "Secret", "secret"],
  ["the ConfigMap of an OAuthApi", "OAuthApi", "ConfigMap", "configMap"],
  ["the signing Secret of an OAuthApi", "OAuthApi", "Secret", "signingSecret"],
])("%s is removed when its name changes before status records it", async (_what, owner, kind, field) => {
  const base = `${owner}-${field}`.toLowerCase();
  const algorithm = field === "signingSecret" ? { tokens: { signingAlgorithm: "HS256" } } : {};
  const named = (of: string, name: string): object => (of === owner ? { [field]: { name }, ...algorithm } : {});
  const refs = { clientRef: { name: base }, apiRef: { name: base }, scopes: ["read:things"] };
  await world.api(ns, base, named("OAuthApi", `${base}-a`));
  await world.client(ns, base, named("M2MClient", `${base}-a`));
  await world.grant(ns, base, { ...refs, ...named("ScopeGrant", `${base}-a`) });
  for (const of of ["OAuthApi", "M2MClient", "ScopeGrant"]) await world.ready(of, ns, base);
  await world.stopOperator();
  await world.cluster.patch(owner, ns, base, { spec: { [field]: { name: `${base}-b` } } });
  await killedOnceCreated(kind, `${base}-b`);
  await world.cluster.patch(owner, ns, base, { spec: { [field]: { name: `${base}-c` } } });
  const copy = (await world.cluster.get(kind, ns, `${base}-b`)) ?? { apiVersion: "v1", kind, metadata: { name: "" } };
  const { labels, annotations, ...others } = copy.metadata;
  const { ownerReferences } = others as { readonly ownerReferences?: unknown };
  const metadata = { name: `${base}-copy`, namespace: ns, labels, annotations, ownerReferences };
  await world.cluster.apply({ apiVersion: "v1", kind, metadata, data: copy.data });
  await world.startOperator();
  for (const name of [`${base}-a`, `${base}-b`])
    await eventually(
      () => world.cluster.get(kind, ns, name),
      (object) => object === undefined,
      `${kind} ${name} gone`,
    );
  await world.ready(owner, ns, base);
  expect(await world.cluster.get(kind, ns, `${base}-c`)).toBeDefined();
  // A copy that a person made has the name of its original, and stays.
  expect(await world.cluster.get(kind, ns, `${base}-copy`)).toBeDefined();
});
