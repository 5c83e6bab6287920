import type { ReconcileResult } from "../../../../src/controller/result.ts";
import type { KindContext } from "../../../../src/kinds/kind-context.ts";
import type { GrantObserved } from "../../../../src/kinds/scope-grant/observe.ts";
import { report } from "../../../../src/kinds/scope-grant/report.ts";
import type { ScopeGrant, ScopeGrantStatus } from "../../../../src/kinds/scope-grant/schema.ts";
import { createFakeResource, noOutputs } from "../../../fakes/objects.ts";
import { FACTS } from "../provider-facts.ts";

export const NOW = new Date("2026-01-01T00:00:00Z");
const ready = { state: "ready", ref: "ref" };
const grant = { ref: "grant-1", scopes: ["read", "write"], allScopes: false, overriddenBy: [], readAt: NOW };
const organizations = { usage: "Deny", any: false, ids: undefined };
export const held = { kind: "read", grant: { ...grant, organizations } } as unknown as GrantObserved["remote"];
export const gone = { kind: "read", grant: undefined } as const;

/** Two scopes of an API that are granted. */
export const observed = {
  ...{ remote: held, peers: {}, provider: { state: "ready", facts: FACTS }, client: ready, api: ready, standing: {} },
  names: { api: "OAuthApi payroll/timesheets", namespace: "billing" },
  ...{ own: { granted: ["read", "write"], unknown: [] }, organizations: { known: [], missing: [] } },
  pair: { audience: "https://a", scopes: ["read", "write"], isAllScopes: false, isWanted: true },
  ...{ togetherGranted: ["read", "write"], origin: "Made", isNew: false, conflict: undefined, secret: undefined },
} as unknown as GrantObserved;

export interface Setting {
  /** `null`: reading failed. */
  readonly change?: object | null;
  readonly status?: ScopeGrantStatus;
  readonly spec?: object;
  readonly metadata?: object;
  readonly result?: ReconcileResult;
}

/** What a pass over the grant reports: its status, and its events as text. */
export async function reported({ change = {}, status, spec, metadata = {}, result = { kind: "done" } }: Setting) {
  const resource = {
    ...{ apiVersion: "m2m-operator.io/v1alpha1", kind: "ScopeGrant" },
    spec: spec ?? { clientRef: { name: "job" }, apiRef: { name: "timesheets" }, scopes: ["read", "write"] },
    metadata: { name: "job", namespace: "billing", uid: "u", resourceVersion: "1", generation: 1, ...metadata },
    ...(status === undefined ? {} : { status }),
  } as unknown as ScopeGrant;
  const scopeGrants = createFakeResource(resource);
  const told: string[] = [];
  const none = { get: () => undefined };
  const context = {
    resources: { scopeGrants, m2mClients: none, oAuthApis: none, clusterIdentityProviders: none },
    connections: { lastReadAt: () => undefined },
    events: {
      record: (_of: unknown, type: string, reason: string, note: string) => told.push(`${type} ${reason}: ${note}`),
    },
    ...{ now: () => NOW, memory: {}, settings: { startedAt: NOW }, ...noOutputs() },
  } as unknown as KindContext;
  const seen = { desired: {}, observed: change === null ? undefined : { ...observed, ...change } };
  await report(context, resource, seen as Parameters<typeof report>[2], result);
  return { told, status: scopeGrants.get("", "")?.status };
}
