import type { Resource } from "../../ports/resource.ts";
import type { KindContext } from "../kind-context.ts";
import { ANNOTATIONS } from "../schema/annotations.ts";
import { consentOf, providerKeyOf, providerOf } from "../access/provider-observe.ts";
import { externalRefusal, mayBeGranted, mayClaimAudience, peersOf, providerRefOf } from "./peers.ts";
import type { ScopeGrant } from "./schema.ts";

/** Whoever took the consent back: a provider object or an API, and what hangs on it. */
interface Owner {
  readonly resource: Resource;
  /** ScopeGrants that need this owner's consent. */
  readonly dependents: () => readonly ScopeGrant[];
}

/**
 * One change that would take away more grants than `--max-revocations` waits for a confirmation that names the
 * generation of the object that changed, so that it holds for this change only. `undefined` when it may go ahead.
 */
export function heldRevocation(context: KindContext, grant: ScopeGrant): string | undefined {
  const owner = withdrawerOf(context, grant);
  if (owner === undefined) return undefined;
  const { maxRevocations } = context.settings;
  const { kind, metadata } = owner.resource;
  if (metadata.annotations?.[ANNOTATIONS.confirmRevocations] === String(metadata.generation ?? 0)) return undefined;
  if (!exceeds(context, owner, maxRevocations)) return undefined;
  const name = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  return `More than ${String(maxRevocations)} grants would be taken away by the consent that ${kind} ${name} no longer gives. If it is meant, annotate it with ${ANNOTATIONS.confirmRevocations}: "${String(metadata.generation ?? 0)}".`;
}

/** Counts only as far as needed: every grant that is held asks this. */
function exceeds(context: KindContext, owner: Owner, max: number): boolean {
  let count = 0;
  for (const grant of owner.dependents()) {
    if (grant.status?.externalId === undefined) continue;
    if (isSameOwner(withdrawerOf(context, grant), owner)) count += 1;
    if (count > max) return true;
  }
  return false;
}

const isSameOwner = (left: Owner | undefined, right: Owner): boolean =>
  left?.resource.metadata.uid === right.resource.metadata.uid;

function withdrawerOf(context: KindContext, grant: ScopeGrant): Owner | undefined {
  const { namespace = "" } = grant.metadata;
  const reference = { namespace, providerRef: providerRefOf(context, grant) };
  const provider = providerOf(context, reference);
  const { scopeGrants } = context.resources;
  const key = providerKeyOf(namespace, reference.providerRef);
  const ofProvider: Owner | undefined =
    provider === undefined ? undefined : { resource: provider, dependents: () => scopeGrants.byIndex("provider", key) };
  if (provider !== undefined && !consentOf(context, provider, namespace).allowed) return ofProvider;
  const { externalAudience } = grant.spec;
  if (externalAudience !== undefined)
    return externalRefusal(context, grant, externalAudience) === undefined ? undefined : ofProvider;
  const { api } = peersOf(context, grant);
  if (api === undefined) return undefined;
  if (!mayClaimAudience(context, api)) return ofProvider;
  if (mayBeGranted(context, namespace, api)) return undefined;
  const apiKey = `${api.metadata.namespace ?? ""}/${api.metadata.name}`;
  return { resource: api, dependents: () => scopeGrants.byIndex("api", apiKey) };
}
