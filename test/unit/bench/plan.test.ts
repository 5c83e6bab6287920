import { expect, it } from "vitest";
import { tracksOf } from "../../../bench/scale/plan.ts";

const UID = "acd284f0-f9d9-4be4-ae02-23fe146d2b08";
const clients = "/apis/m2m-operator.io/v1alpha1/namespaces/scale-0/m2mclients";
const documents = ["client-1", "client-10"].map((name) => ({
  apiVersion: "m2m-operator.io/v1alpha1",
  kind: "M2MClient",
  metadata: { name, namespace: "scale-0" },
}));
const entry = (verb: string, resource: string, name: string, path: string, body?: unknown) => ({
  ...{ verb, resource, name, path, body },
  namespace: "scale-0",
  code: verb === "create" ? 201 : 200,
  at: 0,
});
const call = (n: number) => ({
  ...({
    n,
    at: "2026-01-01T00:00:00Z",
    tenant: "auth0",
    method: "POST",
    path: "/api/v2/clients",
    status: 201,
  } as const),
  ...{ tokenClient: undefined, tookMs: 1, callerPort: 1 },
});

it("sends every recorded request once, for the object that it was about, in namespaces of its own", () => {
  const event = { regarding: { name: "client-10" } };
  const finalizer = { metadata: { resourceVersion: "259", finalizers: ["x"] } };
  const entries = [
    entry("patch", "m2mclients", "client-1", `${clients}/client-1`, finalizer),
    entry("create", "secrets", "client-10.m2m-state", "/api/v1/namespaces/scale-0/secrets", {
      metadata: { namespace: "scale-0", name: "client-10.m2m-state", annotations: { owner: `M2MClient ${UID}` } },
    }),
    entry("get", "secrets", "client-10", "/api/v1/namespaces/scale-0/secrets/client-10"),
    entry("create", "events", "", "/apis/events.k8s.io/v1/namespaces/scale-0/events", event),
  ];
  const [first, second] = tracksOf({ entries, calls: [call(1), call(2)], documents }, "scale", "floor");
  expect(first?.object).toBe(`${clients.replace("scale", "floor")}/client-1`);
  expect(first?.steps).toEqual([
    expect.objectContaining({ to: "tenant", method: "POST", path: "/api/v2/clients", status: 201 }),
    {
      ...{ to: "kube", method: "PATCH", path: `${clients.replace("scale", "floor")}/client-1`, status: 200 },
      contentType: "application/merge-patch+json",
      body: { metadata: { resourceVersion: "$VERSION", finalizers: ["x"] } },
    },
  ]);
  expect(second?.steps.map(({ to, method, path }) => `${to} ${method} ${path}`)).toEqual([
    "tenant POST /api/v2/clients",
    "kube POST /api/v1/namespaces/floor-0/secrets",
    "kube GET /api/v1/namespaces/floor-0/secrets/client-10",
    "kube POST /apis/events.k8s.io/v1/namespaces/floor-0/events",
  ]);
  expect(second?.steps[1]?.body).toEqual({
    metadata: { namespace: "floor-0", name: "client-10.m2m-state", annotations: { owner: "M2MClient $UID" } },
  });
});
