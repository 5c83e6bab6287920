import { afterAll, beforeAll, expect, it } from "vitest";
import { collectionPath } from "../../src/kube/resources.ts";
import { GROUP, KINDS, VERSION } from "../../src/kinds/registry.ts";
import type { AnyObject } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

const TRACKING = {
  labels: { "app.kubernetes.io/instance": "payroll" },
  annotations: { "argocd.argoproj.io/tracking-id": "payroll:m2m-operator.io/M2MClient:payroll/importer" },
};

/** As a GitOps controller applies: server-side, under a name of its own, and without force, so that a conflict shows. */
async function applied(manifest: AnyObject, isDryRun: boolean): Promise<AnyObject> {
  const { kind, metadata } = manifest;
  const plural = KINDS.find((definition) => definition.kind === kind)?.plural ?? "";
  const collection = collectionPath({ group: GROUP, version: VERSION, plural }, metadata.namespace ?? "");
  return world.cluster.connection.request<AnyObject>({
    method: "PATCH",
    path: `${collection}/${metadata.name}`,
    query: { fieldManager: "argocd-controller", ...(isDryRun ? { dryRun: "All" } : {}) },
    contentType: "application/apply-patch+yaml",
    body: manifest,
  });
}

/** Everything that a GitOps controller compares, and the status that must not move either. */
function comparable(object: AnyObject | undefined): unknown {
  const { managedFields: _managedFields, ...metadata } = (object?.metadata ?? {}) as Record<string, unknown>;
  return { ...object, metadata };
}

function manifests(ns: string): readonly AnyObject[] {
  const providerRef = { kind: "ClusterIdentityProvider", name: world.provider };
  const of = (kind: string, name: string, spec: object) => world.resource(kind, ns, name, spec, TRACKING) as AnyObject;
  return [
    of("ScopeGrant", "uploads", { clientRef: { name: "importer" }, apiRef: { name: "timesheets" }, allScopes: true }),
    of("M2MClient", "importer", { providerRef, secret: { name: "importer-oauth" } }),
    of("OAuthApi", "timesheets", {
      providerRef,
      audience: `https://${ns}.example.com/timesheets`,
      scopes: [{ name: "upload" }],
      configMap: { name: "timesheets-oauth" },
    }),
  ].map(({ metadata, ...rest }) => ({ ...rest, metadata: { namespace: ns, ...metadata } }));
}

it("once Ready, the manifests applied again differ in nothing and conflict with nobody", async () => {
  const ns = await world.namespace();
  const all = manifests(ns);
  for (const manifest of all) await applied(manifest, false);
  for (const { kind, metadata } of all) await world.ready(kind, ns, metadata.name);
  for (const manifest of all) {
    const live = await world.cluster.get(manifest.kind, ns, manifest.metadata.name);
    expect(comparable(await applied(manifest, true))).toEqual(comparable(live));
    expect(live?.metadata.labels).toEqual(TRACKING.labels);
    expect(live?.metadata.annotations).toEqual(TRACKING.annotations);
    expect((live?.metadata as { generation?: number } | undefined)?.generation).toBe(1);
  }
});

it("what is published carries neither label nor annotation of its resource, so that it is never pruned", async () => {
  const ns = await world.namespace();
  const all = manifests(ns);
  for (const manifest of all) await applied(manifest, false);
  for (const { kind, metadata } of all) await world.ready(kind, ns, metadata.name);
  const published = [
    ...(await world.cluster.list("Secret", ns)),
    ...(await world.cluster.list("ConfigMap", ns)).filter(({ metadata }) => metadata.name === "timesheets-oauth"),
  ];
  expect(published.map(({ metadata }) => metadata.name)).toEqual(
    expect.arrayContaining(["importer-oauth", "timesheets-oauth"]),
  );
  for (const { metadata } of published) {
    expect(Object.keys(metadata.labels ?? {})).not.toContain("app.kubernetes.io/instance");
    expect(Object.keys(metadata.annotations ?? {})).not.toContain("argocd.argoproj.io/tracking-id");
  }
});
