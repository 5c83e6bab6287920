import type { Facts } from "../../../../cli/doctor/facts.ts";
import { examine } from "../../../../cli/doctor/examine.ts";
import { workloadFactsOf, type WorkloadFacts } from "../../../../cli/doctor/workload.ts";
import { object } from "../objects.ts";

export const NOW = new Date("2026-05-10T00:00:00Z");

/** Nothing in the cluster, and everything read. */
export const NOTHING: Facts = {
  ...{ now: NOW, pluginVersion: "1.0.0", providers: [], apis: [], clients: [], grants: [], namespaces: [] },
  ...{ workloads: [], readers: [], bindings: [], operators: [], definitions: [], hasAlerts: false, gaps: [] },
};

type Fields = Parameters<typeof object>[2];

export const provider = (
  fields: { readonly spec?: object; readonly [key: string]: unknown } = {},
): Facts["providers"][number] =>
  object<Facts["providers"][number]>("ClusterIdentityProvider", "default", {
    ...{ namespace: undefined, status: { excessPermissions: [] }, ...fields },
    spec: { auth0: { domain: "example.eu.auth0.com" }, credentialsSecretRef: { name: "auth0" }, ...fields.spec },
  });
export const api = (fields: { readonly spec?: object; readonly [key: string]: unknown } = {}): Facts["apis"][number] =>
  object<Facts["apis"][number]>("OAuthApi", "timesheets", {
    ...fields,
    spec: { audience: "https://timesheets", scopes: [{ name: "read:x" }], ...fields.spec },
  });
export const grant = (spec: object = {}, fields: Fields = {}): Facts["grants"][number] =>
  object<Facts["grants"][number]>("ScopeGrant", "reads", {
    ...fields,
    spec: { clientRef: { name: "importer" }, apiRef: { name: "timesheets" }, scopes: ["read:x"], ...spec },
  });
export const client = (spec: object = {}, fields: Fields = {}): Facts["clients"][number] =>
  object<Facts["clients"][number]>("M2MClient", "importer", {
    status: {
      binding: { name: "importer" },
      authenticationMethod: "client_secret_post",
      credentials: [{ id: "c", state: "Current", createdAt: "2026-05-01T00:00:00Z" }],
    },
    ...fields,
    spec,
  });

/** A Pod of the namespace billing whose one container is this. */
export function pod(container: object, spec: object = {}): WorkloadFacts {
  const metadata = { name: "importer-1", namespace: "billing", uid: "u", resourceVersion: "1" };
  const facts = workloadFactsOf("Pod", { metadata, spec: { containers: [{ name: "app", ...container }], ...spec } });
  if (facts === undefined) throw new Error("the Pod has ended");
  return facts;
}

/** What the check finds, without other checks. */
export const found = (check: string, facts: Partial<Facts>): readonly string[] =>
  examine({ ...NOTHING, ...facts })
    .findings.filter((finding) => finding.check === check)
    .map(({ object: { kind, name }, why }) => `${kind} ${name}: ${why}`);
