import type { Sandbox } from "../sandbox/start.ts";
import { type Document, readExample } from "./environment.ts";
import type { Tenants } from "./examples.ts";
import { auth0Guide, type Guide, oktaGuide } from "./guides.ts";

/** One vendor's tenant, as the demonstration shows it. */
export interface Shown {
  readonly vendor: "Auth0" | "Okta";
  /** Folder of the provider's example, below deploy/examples. */
  readonly providerFolder: string;
  readonly provider: readonly Document[];
  /** How the resources come to be what they are. */
  readonly command: string;
  readonly namespace: string;
  readonly resources: readonly Document[];
  readonly guide: Guide;
  /** What was made there since this was asked for first. */
  readonly left: () => Readonly<Record<string, number>>;
}

export function shownAuth0(sandbox: Sandbox, tenants: Tenants): Shown {
  const { state } = sandbox.tenant;
  return {
    ...{ vendor: "Auth0", providerFolder: "auth0/provider", namespace: "payroll", guide: auth0Guide },
    provider: readExample("auth0/provider/provider.yaml", tenants),
    command: "kubectl apply -f deploy/examples/timesheets.yaml",
    resources: readExample("timesheets.yaml", tenants),
    left: counting(() => ({
      apis: state.resourceServers.size,
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
    command: `The same three resources with "providerRef: {kind: ClusterIdentityProvider, name: okta}", in namespace ${namespace}`,
    resources: readExample("timesheets.yaml", tenants).map((document) => atOkta(document, namespace)),
    left: counting(() => ({
      servers: org.state.servers.size,
      apps: org.state.apps.size,
      policies: [...org.state.servers.values()].reduce((sum, { policies }) => sum + policies.size, 0),
    })),
  };
}

function atOkta({ metadata, spec, ...document }: Document, namespace: string): Document {
  if (document.kind === "Namespace") return { ...document, metadata: { ...metadata, name: namespace } };
  const providerRef = { kind: "ClusterIdentityProvider", name: "okta" };
  const isBound = document.kind !== "ScopeGrant";
  return { ...document, metadata: { ...metadata, namespace }, spec: { ...spec, ...(isBound ? { providerRef } : {}) } };
}

function counting(count: () => Readonly<Record<string, number>>): Shown["left"] {
  const before = count();
  return () => Object.fromEntries(Object.entries(count()).map(([name, now]) => [name, now - (before[name] ?? 0)]));
}
