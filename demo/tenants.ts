import type { Call } from "../sandbox/call-log.ts";
import type { Sandbox } from "../sandbox/start.ts";
import { CLUSTER, type Document, readExample } from "./environment.ts";
import type { Tenants } from "./examples.ts";
import { auth0Guide, type Guide, keycloakGuide, oktaGuide } from "./guides.ts";
import type { DemoKeycloak } from "./keycloak.ts";
import type { Answered, Counts } from "./labels.ts";

/** One vendor's tenant, as the demonstration shows it. */
export interface Shown {
  readonly vendor: "Auth0" | "Okta" | "Keycloak";
  /** Folder of the provider's example, below deploy/examples. */
  readonly providerFolder: string;
  readonly provider: readonly Document[];
  /** How the resources come to be what they are. */
  readonly command: string;
  readonly namespace: string;
  readonly resources: readonly Document[];
  readonly guide: Guide;
  /** The authority of the tenant's certificate, in PEM. Default: that of the simulated tenants. */
  readonly caFile?: string;
  /** Calls that the tenant has answered since this was requested last. */
  readonly calls: () => readonly Answered[];
  /** What was made there since this was requested first. */
  readonly left: () => Counts | Promise<Counts>;
}

export function shownAuth0(sandbox: Sandbox, tenants: Tenants): Shown {
  const { state } = sandbox.tenant;
  return {
    ...{ vendor: "Auth0", providerFolder: "auth0/provider", namespace: "payroll", guide: auth0Guide },
    provider: readExample("auth0/provider/provider.yaml", tenants),
    command: "kubectl apply -f deploy/examples/timesheets.yaml",
    resources: readExample("timesheets.yaml", tenants),
    calls: newCalls(sandbox, "auth0"),
    left: counting(() => ({
      APIs: state.resourceServers.size,
      clients: state.clients.size,
      grants: state.grants.size,
    })),
  };
}

/** The same three resources, which differ in the provider that they name. */
export function shownOkta(sandbox: Sandbox, tenants: Tenants): Shown {
  const { org } = sandbox;
  const namespace = "payroll-okta";
  return {
    ...{ vendor: "Okta", providerFolder: "okta/provider", namespace, guide: oktaGuide },
    provider: readExample("okta/provider/provider.yaml", tenants),
    command: `The same three resources for Okta, in namespace ${namespace}, with providerRef: okta`,
    resources: readExample("timesheets.yaml", tenants).map((document) => bound(document, "okta", namespace)),
    calls: newCalls(sandbox, "okta"),
    left: counting(() => ({
      "authorization servers": org.state.servers.size,
      apps: org.state.apps.size,
      policies: [...org.state.servers.values()].reduce((sum, { policies }) => sum + policies.size, 0),
    })),
  };
}

/** The same three resources once more, at a real server. */
export function shownKeycloak({ realm, proxy, caFile }: DemoKeycloak, tenants: Tenants): Shown {
  const namespace = "payroll-keycloak";
  let seen = 0;
  return {
    ...{ vendor: "Keycloak", providerFolder: "keycloak/provider", namespace, guide: keycloakGuide, caFile },
    provider: readExample("keycloak/provider/provider.yaml", tenants).map(takingServiceAccounts),
    command: `The same three resources for Keycloak, in namespace ${namespace}, with providerRef: keycloak`,
    resources: readExample("timesheets.yaml", tenants).map((document) => bound(document, "keycloak", namespace)),
    calls: () => {
      const calls = proxy.calls(seen);
      seen = proxy.calls().length;
      return calls;
    },
    left: async () => ({ clients: (await realm.clients()).length, "client scopes": (await realm.scopes()).length }),
  };
}

/** The provider object names the realm's identity provider for this cluster. */
const takingServiceAccounts = ({ spec, ...document }: Document): Document => ({
  ...document,
  spec: { ...spec, keycloak: { ...(spec?.["keycloak"] as object), kubernetesIdentityProvider: CLUSTER } },
});

function bound({ metadata, spec, ...document }: Document, provider: string, namespace: string): Document {
  if (document.kind === "Namespace") return { ...document, metadata: { ...metadata, name: namespace } };
  const providerRef = { kind: "ClusterIdentityProvider", name: provider };
  const isBound = document.kind !== "ScopeGrant";
  return { ...document, metadata: { ...metadata, namespace }, spec: { ...spec, ...(isBound ? { providerRef } : {}) } };
}

/** The operator reads the other tenants meanwhile. */
const newCalls =
  ({ calls }: Pick<Sandbox, "calls">, vendor: Call["tenant"]): Shown["calls"] =>
  () => {
    const answered = calls.since(0).filter(({ tenant }) => tenant === vendor);
    calls.clear();
    return answered;
  };

function counting(count: () => Counts): () => Counts {
  const before = count();
  return () => Object.fromEntries(Object.entries(count()).map(([name, now]) => [name, now - (before[name] ?? 0)]));
}
