import { isDeepStrictEqual } from "node:util";
import { conditionOf } from "../controller/conditions.ts";
import { keyOfObject, type ObjectKey, textOfKey } from "../controller/object-key.ts";
import {
  affectedBy,
  dependentsOf,
  grantsOfApi,
  grantsOfClient,
  providerObjectOf,
} from "../kinds/relations/dependents.ts";
import { sidesOf } from "../kinds/relations/sides.ts";
import { adoptionClaimsOf, audienceClaimOf, nameOf } from "../kinds/relations/indexes.ts";
import type { OAuthApi } from "../kinds/oauth-api/schema.ts";
import { recordedMetadata } from "../kinds/outputs/published-grant.ts";
import type { ScopeGrant } from "../kinds/scope-grant/schema.ts";
import type { KubeObject } from "../kube/store.ts";
import type { Resource } from "../ports/resource.ts";
import type { WorkClass } from "../work/order.ts";
import { currentScope } from "../work/scope.ts";
import type { Caches } from "./caches.ts";
import { concernsClient, isCarriedDifferently, isNewsForOthers, waitsForOthers } from "./news.ts";
import {
  isDeleting,
  type Judged,
  urgencyAtStart,
  urgencyFor,
  urgencyForOthers,
  urgencyOfOwnChange,
  urgencyOfProvider,
} from "./urgency.ts";

/** `since`: the place in the line of what made this possible; default: the end of it. */
type Enqueue = (key: ObjectKey, workClass: WorkClass, since?: number) => void;
type Wake = (objects: readonly Judged[], urgency: WorkClass) => void;

/**
 * Who is reconciled when something changes: no object waits for a timer to notice a change of another. What comes before
 * `hasStarted` is the first sight of that object (`urgencyAtStart`): every other one comes by itself, and nobody works yet.
 */
export function wireTriggers(caches: Caches, enqueue: Enqueue, hasStarted: () => boolean): void {
  const add = (object: Judged, workClass: WorkClass): void => {
    enqueue(keyOfObject(object), hasStarted() ? workClass : urgencyAtStart(object), placeOf(workClass));
  };
  const wake: Wake = (objects, urgency) => {
    for (const object of objects) add(object, urgencyFor(object, urgency));
  };
  const wakeOwn = (before: Judged | undefined, after: Judged | undefined): void => {
    const urgency = after === undefined ? undefined : urgencyOfOwnChange(before, after);
    if (after !== undefined && urgency !== undefined) add(after, urgency);
  };
  for (const store of [caches.clusterIdentityProviders, caches.identityProviders])
    store.onChange((before, after) => {
      wakeOwn(before, after);
      const provider = after ?? before;
      if (provider !== undefined && hasStarted())
        wake(dependentsOf(caches, provider), urgencyOfProvider(before, after));
    });
  caches.oAuthApis.onChange((before, after) => {
    wakeOwn(before, after);
    const api = after ?? before;
    if (api === undefined || !hasStarted()) return;
    const urgency = urgencyForOthers(before, after);
    const grants = grantsOfApi(caches, api);
    if (isNewsForOthers(before, after)) wake(ableToGoOn(caches, grants), urgency);
    if (isPublishedDifferently(before, after)) wake(clientsOf(caches, grants), urgency);
    wake(caches.m2mClients.byIndex("templateApi", nameOf(api.metadata.namespace, api.metadata.name)), urgency);
    wake(others(caches.oAuthApis.byIndex("claim", audienceClaimOf(api)), api), urgency);
    if (after === undefined) wake(providersOf(caches, api).filter(isDeleting), urgency);
  });
  caches.m2mClients.onChange((before, after) => {
    wakeOwn(before, after);
    const client = after ?? before;
    if (client === undefined || !hasStarted()) return;
    const urgency = urgencyForOthers(before, after);
    const isNews = isNewsForOthers(before, after);
    const concerned = grantsOfClient(caches, client).filter(
      (grant) => isNews || isCarriedDifferently(grant, before, after),
    );
    wake(ableToGoOn(caches, concerned), urgency);
    for (const claim of adoptionClaimsOf(client))
      wake(others(caches.m2mClients.byIndex("claim", claim), client), urgency);
    if (after === undefined) wake(providersOf(caches, client).filter(isDeleting), urgency);
  });
  wireGrants(caches, { wake, wakeOwn, hasStarted });
  wirePublished(caches, wake, hasStarted);
  wireNamespaces(caches, wake, hasStarted);
}

/**
 * What a creation makes possible comes next, and not after everything that was applied since: resources become whole one
 * after the other, and what was begun does not wait for what was not.
 */
function placeOf(workClass: WorkClass): number | undefined {
  const scope = currentScope();
  return workClass === "creation" && scope?.workClass === "creation" ? scope.since : undefined;
}

const others = <T extends Judged>(objects: readonly T[], than: Judged): readonly T[] =>
  objects.filter(({ metadata }) => metadata.uid !== than.metadata.uid);

interface GrantWiring {
  readonly wake: Wake;
  readonly wakeOwn: (before: Judged | undefined, after: Judged | undefined) => void;
  readonly hasStarted: () => boolean;
}

function wireGrants(caches: Caches, wiring: GrantWiring): void {
  caches.scopeGrants.onChange((before, after) => {
    // The object that it may wait for was seen at another moment: nothing is sure to wake it.
    if (wiring.hasStarted()) wakeByGrant(caches, wiring, before, after);
    else wiring.wakeOwn(before, after);
  });
}

function wakeByGrant(
  caches: Caches,
  { wake, wakeOwn }: GrantWiring,
  before: ScopeGrant | undefined,
  after: ScopeGrant | undefined,
): void {
  const grant = after ?? before;
  if (grant === undefined) return;
  const { client, api: named } = sidesOf(caches, grant);
  if (!isFirstSight(before, after) || !waitsForOthers(grant, client, named)) wakeOwn(before, after);
  const urgency = urgencyForOthers(before, after);
  if (client !== undefined && concernsClient(client, before, after)) wake([client], urgency);
  const isOwnChange = after === undefined || urgencyOfOwnChange(before, after) !== undefined;
  if (isOwnChange) wake(others(affectedBy(caches, grant), grant), urgency);
  wakeConsenting(consentingTo(caches, grant), { before, after, urgency }, wake);
  if (after === undefined)
    wake([...caches.clusterIdentityProviders.list(), ...caches.identityProviders.list()].filter(isDeleting), urgency);
}

/** The API and the provider object that a grant needs the consent of, when it changes. */
function wakeConsenting(
  { api, provider }: ReturnType<typeof consentingTo>,
  { before, after, urgency }: GrantChange,
  wake: Wake,
): void {
  // What a lost ScopeGrant leaves at the tenant is the API's to find.
  if (after === undefined) wake(api, urgency);
  // Its deletion may wait until few enough ScopeGrants use it.
  wake(api.filter(isDeleting), urgency);
  // Its status lists who may call it, which nobody waits for: it learns once of many changes.
  if (!isDeepStrictEqual(before?.status?.grantedScopes, after?.status?.grantedScopes)) wake(api, "drift");
  // The object that withdrew consent reports what is held.
  if (isHeldBack(before) !== isHeldBack(after)) wake([...api, ...provider], urgency);
}

interface GrantChange {
  readonly before: ScopeGrant | undefined;
  readonly after: ScopeGrant | undefined;
  readonly urgency: WorkClass;
}

/** Without those that wait for the first pass over their other side, which wakes them. */
const ableToGoOn = (caches: Caches, grants: readonly ScopeGrant[]): readonly ScopeGrant[] =>
  grants.filter((grant) => {
    const { client, api } = sidesOf(caches, grant);
    return !waitsForOthers(grant, client, api);
  });

const isFirstSight = (before: unknown, after: unknown): boolean => before === undefined && after !== undefined;

/** The API's own values have changed, which clients publish with each grant on it: such a grant stays unchanged. */
function isPublishedDifferently(before: OAuthApi | undefined, after: OAuthApi | undefined): boolean {
  const [was, is] = [before, after].map((api) => (api === undefined ? undefined : recordedMetadata(api)));
  return was !== undefined && is !== undefined && !isDeepStrictEqual(was, is);
}

/** Clients that these grants name. */
const clientsOf = (caches: Caches, grants: readonly ScopeGrant[]): readonly Judged[] =>
  grants.flatMap((grant) => sidesOf(caches, grant).client ?? []);

/** A withdrawal waits for its confirmation. */
const isHeldBack = (grant: ScopeGrant | undefined): boolean =>
  conditionOf(grant?.status?.conditions, "Ready")?.reason === "MassRevocation";

/** The objects that a grant needs the consent of. */
function consentingTo(
  caches: Caches,
  grant: ScopeGrant,
): { readonly api: readonly Judged[]; readonly provider: readonly Judged[] } {
  const { api } = sidesOf(caches, grant);
  const { metadata, status } = grant;
  const provider = providerObjectOf(caches, metadata.namespace ?? "", status?.providerRef ?? api?.spec.providerRef);
  return { api: api === undefined ? [] : [api], provider: provider === undefined ? [] : [provider] };
}

/**
 * Secrets and ConfigMaps: wakes the object that publishes under that name, and the object that takes credentials from there. What a pass of the operator
 * wrote, which comes here within its scope, is as urgent as that pass and no news to its own object, which looks after each
 * step anyway. Everything else somebody else did, and what they took away or changed is put back at once.
 */
function wirePublished(caches: Caches, wakeAll: Wake, hasStarted: () => boolean): void {
  const wake: Wake = (objects, urgency) => {
    const own = currentScope()?.key;
    wakeAll(own === undefined ? objects : objects.filter((object) => textOfKey(keyOfObject(object)) !== own), urgency);
  };
  const urgencyOf = (): WorkClass => currentScope()?.workClass ?? "userChange";
  caches.secrets.onChange((before, after) => {
    const secret = after ?? before;
    if (secret === undefined || !hasStarted()) return;
    const key = nameOf(secret.metadata.namespace, secret.metadata.name);
    const urgency = urgencyOf();
    const clients = caches.m2mClients.byIndex("output", key);
    wake(clients, urgency);
    wake(caches.scopeGrants.byIndex("output", key), urgency);
    wake(caches.oAuthApis.byIndex("secret", key), urgency);
    // A new credential in the state Secret also goes into the Secrets of single grants.
    for (const client of clients) {
      const grants = grantsOfClient(caches, client);
      wake(
        grants.filter((grant) => grant.spec.secret !== undefined),
        urgency,
      );
    }
    wake(caches.clusterIdentityProviders.byIndex("credentials", key), urgency);
    wake(caches.identityProviders.byIndex("credentials", key), urgency);
  });
  caches.configMaps.onChange((before, after) => {
    const { metadata } = (after ?? before) as KubeObject;
    if (!hasStarted()) return;
    wake(caches.oAuthApis.byIndex("output", nameOf(metadata.namespace, metadata.name)), urgencyOf());
  });
}

/** Labels decide consent; a namespace that is being deleted ends everything in it. Nothing else of it is read. */
function wireNamespaces(caches: Caches, wake: Wake, hasStarted: () => boolean): void {
  caches.namespaces.onChange((before, after) => {
    if (!hasStarted() || after === undefined || factsOf(before) === factsOf(after)) return;
    const { name } = after.metadata;
    const urgency = before === undefined ? "drift" : "userChange";
    const isIn = (resource: Resource): boolean => resource.metadata.namespace === name;
    // APIs that may allow it by its labels change too.
    wake(
      caches.oAuthApis.list().filter((api) => isIn(api) || selectsNamespaces(api)),
      urgency,
    );
    wake(caches.m2mClients.list().filter(isIn), urgency);
    // Grants on APIs in that namespace change too.
    const isAbout = (grant: ScopeGrant): boolean => isIn(grant) || grant.spec.apiRef?.namespace === name;
    wake(caches.scopeGrants.list().filter(isAbout), urgency);
  });
}

const selectsNamespaces = ({ spec }: OAuthApi): boolean =>
  (spec.allowedGrants ?? []).some(({ namespaces }) => namespaces.from === "Selector");

const factsOf = (namespace: KubeObject | undefined): string =>
  JSON.stringify([namespace?.metadata.uid, namespace?.metadata.labels, namespace?.metadata.deletionTimestamp]);

/** A provider that is being deleted waits for its last dependent. */
function providersOf(
  caches: Caches,
  { metadata, spec }: Resource<{ readonly providerRef: { kind: string; name: string } }>,
): readonly Judged[] {
  const provider = providerObjectOf(caches, metadata.namespace ?? "", spec.providerRef);
  return provider === undefined ? [] : [provider];
}
