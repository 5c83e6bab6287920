import type { Resource } from "../../ports/resource.ts";
import type { KindContext } from "../kind-context.ts";
import { ANNOTATIONS } from "../schema/annotations.ts";
import { providerConsent } from "../../consent/provider-consent.ts";
import { askerOf, type Standing } from "../access/standing.ts";
import { grantsOfApi } from "../relations/dependents.ts";
import { providerKeyOf } from "../relations/provider-ref.ts";
import { externalRefusal, type Judge, mayBeGranted, mayClaimAudience, type Peers, peersOf } from "./peers.ts";
import type { ScopeGrant } from "./schema.ts";

/** Whoever took the consent back: a provider object or an API, and what hangs on it. */
interface Withdrawer {
  readonly resource: Resource;
  /** ScopeGrants that need its consent. */
  readonly dependents: () => readonly ScopeGrant[];
}

/**
 * One change that would take away more grants than `--max-revocations` waits for a confirmation that names the
 * generation of the object that changed, so that it holds for this change only. `undefined` when it may go ahead.
 */
export function heldRevocation(
  { namespaces, resources, settings }: Pick<KindContext, "namespaces" | "resources" | "settings">,
  { object, rules }: Standing,
  grant: ScopeGrant,
  peers: Peers,
): string | undefined {
  const ports = { namespaces, resources, object, rules };
  const owner = withdrawerOf(ports, grant, peers);
  if (owner === undefined) return undefined;
  const { maxRevocations } = settings;
  const { kind, metadata } = owner.resource;
  if (metadata.annotations?.[ANNOTATIONS.confirmRevocations] === String(metadata.generation ?? 0)) return undefined;
  if (!exceeds(ports, owner, maxRevocations)) return undefined;
  const name = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  return `More than ${String(maxRevocations)} grants would be taken away by the consent that ${kind} ${name} no longer gives. If it is meant, annotate it with ${ANNOTATIONS.confirmRevocations}: "${String(metadata.generation ?? 0)}".`;
}

/** Counts only as far as needed: every grant that is held asks this. */
function exceeds(ports: Ports, owner: Withdrawer, max: number): boolean {
  let count = 0;
  for (const grant of owner.dependents()) {
    if (grant.status?.externalId === undefined) continue;
    if (isSameOwner(withdrawerOf(ports, grant, peersOf(ports, grant)), owner)) count += 1;
    if (count > max) return true;
  }
  return false;
}

const isSameOwner = (left: Withdrawer | undefined, right: Withdrawer): boolean =>
  left?.resource.metadata.uid === right.resource.metadata.uid;

type Ports = Judge & Pick<KindContext, "resources">;

function withdrawerOf(ports: Ports, grant: ScopeGrant, { api }: Peers): Withdrawer | undefined {
  const { namespace = "" } = grant.metadata;
  const { object, rules, resources } = ports;
  const ofProvider = object === undefined ? undefined : providerAsWithdrawer(resources, object);
  if (object !== undefined && !providerConsent(rules, askerOf(ports, namespace)).allowed) return ofProvider;
  const { externalAudience } = grant.spec;
  if (externalAudience !== undefined)
    return externalRefusal(ports, grant, externalAudience) === undefined ? undefined : ofProvider;
  if (api === undefined) return undefined;
  if (!mayClaimAudience(ports, api)) return ofProvider;
  if (mayBeGranted(ports, namespace, api)) return undefined;
  return { resource: api, dependents: () => grantsOfApi(resources, api) };
}

function providerAsWithdrawer(
  { scopeGrants }: KindContext["resources"],
  resource: NonNullable<Judge["object"]>,
): Withdrawer {
  const { kind, metadata } = resource;
  const key = providerKeyOf(metadata.namespace ?? "", { kind, name: metadata.name });
  return { resource, dependents: () => scopeGrants.byIndex("provider", key) };
}
