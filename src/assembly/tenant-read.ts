import { keyOfObject, type ObjectKey } from "../controller/object-key.ts";
import type { WorkClass } from "../work/order.ts";
import type { ProviderResource } from "../kinds/identity-provider/schema.ts";
import { LIFTS as CLIENT_LIFTS } from "../kinds/m2m-client/halts.ts";
import { LIFTS as API_LIFTS } from "../kinds/oauth-api/halts.ts";
import { dependentsOf } from "../kinds/relations/dependents.ts";
import type { Waker } from "../kinds/relations/wakers.ts";
import { LIFTS as GRANT_LIFTS } from "../kinds/scope-grant/halts.ts";
import type { Drift } from "../ports/provider.ts";
import type { Resource } from "../ports/resource.ts";
import type { Caches } from "./caches.ts";

type Enqueue = (key: ObjectKey, workClass: WorkClass) => void;

/** A resource, as far as what is read at the tenant concerns it. */
type Concerned = Resource<
  unknown,
  { readonly conditions?: readonly { readonly status: string; readonly reason: string }[] | undefined }
>;

/** By kind, the reasons of halts that a person may lift at the tenant, where nobody sends an event. */
const LIFTED_AT_TENANT: Readonly<Record<string, ReadonlySet<string>>> = {
  OAuthApi: reasonsLiftedBy("tenantRead", API_LIFTS),
  M2MClient: reasonsLiftedBy("tenantRead", CLIENT_LIFTS),
  ScopeGrant: reasonsLiftedBy("tenantRead", GRANT_LIFTS),
};

function reasonsLiftedBy(waker: Waker, lifts: Readonly<Record<string, readonly Waker[]>>): ReadonlySet<string> {
  return new Set(Object.keys(lifts).filter((reason) => lifts[reason]?.includes(waker) === true));
}

/** The tenant was read again: each object that waits for what somebody does there checks whether it was done. */
export function enqueueAfterRead(caches: Caches, enqueue: Enqueue, provider: ProviderResource): void {
  for (const dependent of dependentsOf(caches, provider)) if (awaitsTenant(dependent)) add(enqueue, dependent);
}

function awaitsTenant({ kind, status }: Concerned): boolean {
  const lifted = LIFTED_AT_TENANT[kind];
  return (
    status?.conditions?.some((condition) => condition.status === "False" && lifted?.has(condition.reason)) === true
  );
}

/** Somebody changed something at the tenant: those it belongs to are reconciled, and those who wait for it to go. */
export function enqueueDrift(caches: Caches, enqueue: Enqueue, drift: Drift): void {
  for (const resource of concernedBy(caches, drift)) add(enqueue, resource);
}

function concernedBy(caches: Caches, drift: Drift): readonly Concerned[] {
  switch (drift.kind) {
    case "api":
      return [
        ...caches.oAuthApis.byIndex("remote", drift.ref),
        // Read for the first time: what its grants rested on was only remembered.
        ...(drift.isFirstRead === true ? caches.scopeGrants.byIndex("remoteApi", drift.ref) : []),
      ];
    case "client":
      return caches.m2mClients.byIndex("remote", drift.ref);
    case "grant": {
      const { audience = "", client = "" } = drift;
      return [
        ...caches.scopeGrants.byIndex("remote", `${client} ${audience}`),
        // Its status lists grants that nobody here requested.
        ...caches.m2mClients.byIndex("remote", client),
        // It finds grants that consent does not allow; one that is to be deleted waits until those of others are gone.
        ...caches.oAuthApis.byIndex("audience", audience),
      ];
    }
  }
}

function add(enqueue: Enqueue, concerned: Concerned): void {
  enqueue(keyOfObject(concerned), "drift");
}
