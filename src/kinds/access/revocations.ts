import type { Resource } from "../../ports/resource.ts";
import { providerConsent } from "../../consent/provider-consent.ts";
import type { ProviderResource } from "../identity-provider/schema.ts";
import type { KindContext, RevocationSet } from "../kind-context.ts";
import type { OAuthApi } from "../oauth-api/schema.ts";
import { dependentsOf, grantsOfApi } from "../relations/dependents.ts";
import { ANNOTATIONS, type Confirmation } from "../schema/annotations.ts";
import type { ScopeGrant } from "../scope-grant/schema.ts";
import { deletionPolicyFor } from "../../ownership/deletion-policy.ts";
import { allowedScopes, externalRefusal, type Judge, mayClaimAudience } from "./allowed-grant.ts";
import { isLeft, scopesAskedFor } from "./requested-scopes.ts";
import { askerOf, rulesOf, type Standing } from "./standing.ts";
import { sidesOf } from "../relations/sides.ts";

/** The object that no longer consents: a provider or an OAuthApi. */
interface Withdrawer {
  readonly resource: Resource;
  /** ScopeGrants that need its consent. */
  readonly dependents: () => readonly ScopeGrant[];
}

/** Every held grant needs the set that it belongs to. One computation serves all of them for this time, in milliseconds. */
const SET_VALID_MS = 1000;

type RevocationPorts = Pick<KindContext, "namespaces" | "resources" | "settings" | "memory" | "now" | "sha256">;
type Ports = Judge & Pick<KindContext, "resources">;

/**
 * Why a grant that lost its consent stays for now; `undefined` when it may be removed. One withdrawal that would remove
 * more grants than `--max-revocations` waits for a confirmation that names exactly these grants. It holds no grant that
 * another withdrawal would remove.
 */
export function heldRevocation(
  context: RevocationPorts,
  standing: Pick<Standing, "object" | "rules">,
  grant: ScopeGrant,
): string | undefined {
  const ports = portsOf(context, standing);
  const withdrawer = withdrawerOf(ports, grant);
  const ref = grant.status?.externalId;
  if (withdrawer === undefined || ref === undefined) return undefined;
  const set = setsOf(context, ports, withdrawer, ref).find(({ members }) => members.has(ref));
  if (set === undefined || !isHeld(context, withdrawer, set)) return undefined;
  const { kind, metadata } = withdrawer.resource;
  const name = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  return `${kind} ${name} no longer consents to ${countOf(context, set)}. To delete these grants, annotate it with ${confirmation(set)}. To keep them, restore the consent.`;
}

/** What an OAuthApi or a provider object no longer consents to and still stands, for its owner. */
export function heldBy(
  context: RevocationPorts,
  standing: Pick<Standing, "object" | "rules">,
  resource: OAuthApi | ProviderResource,
): readonly Confirmation[] {
  const ports = portsOf(context, standing);
  const withdrawer =
    resource.kind === "OAuthApi"
      ? apiAsWithdrawer(ports, resource as OAuthApi)
      : providerAsWithdrawer(ports, resource as ProviderResource);
  const sets = setsOf(context, ports, withdrawer).filter((set) => isHeld(context, withdrawer, set));
  return sets.map((set) =>
    confirmationOf(
      set.digest,
      `This object no longer consents to ${countOf(context, set)}. They are still in force. To delete these grants, annotate this object with ${confirmation(set)}. To keep them, restore the consent.`,
    ),
  );
}

/** Why grants on the API that no ScopeGrant requests stay for now. `undefined` if they may be deleted. */
export function heldRemoval(
  context: Pick<RevocationPorts, "settings" | "sha256">,
  { metadata }: OAuthApi,
  refs: readonly string[],
): Confirmation | undefined {
  const { maxRevocations } = context.settings;
  const digest = context.sha256(JSON.stringify([metadata.uid, "left", [...refs].sort()])).slice(0, 16);
  const isConfirmed = metadata.annotations?.[ANNOTATIONS.confirmRevocations] === digest;
  if (refs.length <= maxRevocations || isConfirmed) return undefined;
  return confirmationOf(
    digest,
    `The tenant has ${String(refs.length)} grants on this API that are not allowed and that no ScopeGrant requests, more than --max-revocations (${String(maxRevocations)}). To delete these grants, annotate this object with ${confirmation({ digest })}.`,
  );
}

/**
 * Why an OAuthApi that is being deleted stays for now: more ScopeGrants would lose their grant than `--max-revocations`.
 * The confirmation names the deletion and not the grants, which go one after the other. `undefined`: nothing holds it.
 */
export function heldDeletion(
  { resources, settings, sha256 }: Pick<RevocationPorts, "resources" | "settings" | "sha256">,
  api: OAuthApi,
): Confirmation | undefined {
  const { uid, deletionTimestamp, annotations } = api.metadata;
  if (deletionTimestamp === undefined) return undefined;
  const using = grantsOfApi(resources, api).filter(
    ({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.externalId !== undefined,
  );
  const count = new Set(using.map(({ status }) => status?.externalId)).size;
  const digest = sha256(JSON.stringify([uid, "deleted"])).slice(0, 16);
  const isConfirmed =
    annotations?.[ANNOTATIONS.confirmRevocations] === digest || annotations?.[ANNOTATIONS.forceDelete] === "true";
  if (count <= settings.maxRevocations || isConfirmed) return undefined;
  return confirmationOf(
    digest,
    `ScopeGrants hold ${String(count)} grants on this API (see status.grants), more than --max-revocations (${String(settings.maxRevocations)}). ${lossText(api)} To confirm, annotate this object with ${confirmation({ digest })}. Until then they stay in force.`,
  );
}

/** What the deletion of the resource takes from those who use the API. */
function lossText({ spec, status }: OAuthApi): string {
  return deletionPolicyFor(spec.deletionPolicy, status?.origin) === "Retain"
    ? "The API stays at the tenant. ScopeGrants of other namespaces lose their grants, and the Secrets of all clients lose the API."
    : "Deleting the API revokes all of them.";
}

/** The grants that a provider object no longer consents to, judged by its own rules. */
export const heldByProvider = (context: RevocationPorts, resource: ProviderResource): readonly Confirmation[] =>
  heldBy(context, { object: resource, rules: rulesOf(resource) }, resource);

function portsOf(
  { namespaces, resources }: RevocationPorts,
  { object, rules }: Pick<Standing, "object" | "rules">,
): Ports {
  return { namespaces, resources, object, rules };
}

const isHeld = ({ settings }: RevocationPorts, { resource }: Withdrawer, { size, digest }: RevocationSet): boolean =>
  size > settings.maxRevocations && resource.metadata.annotations?.[ANNOTATIONS.confirmRevocations] !== digest;

/** Of a set that was confirmed and is being deleted, only some may be left. */
function countOf({ settings }: RevocationPorts, { members, size }: RevocationSet): string {
  const left = members.size < size ? ` (${String(members.size)} left)` : "";
  return `${String(size)} grants at once${left}, more than --max-revocations (${String(settings.maxRevocations)})`;
}

const confirmation = ({ digest }: Pick<RevocationSet, "digest">): string =>
  `${ANNOTATIONS.confirmRevocations}: "${digest}"`;

const confirmationOf = (value: string, message: string): Confirmation => ({
  ...{ annotation: ANNOTATIONS.confirmRevocations, value, message },
});

/**
 * What this object no longer consents to, by withdrawal: what is withdrawn while an earlier withdrawal is still pending is
 * a set of its own. With `ref`, a recent answer that has it will do.
 */
function setsOf(
  { memory, now, sha256 }: RevocationPorts,
  ports: Ports,
  withdrawer: Withdrawer,
  ref?: string,
): readonly RevocationSet[] {
  const { uid } = withdrawer.resource.metadata;
  const known = memory.revocations.get(uid);
  const at = now().getTime();
  const isRecent = known !== undefined && ref !== undefined && at - known.at < SET_VALID_MS;
  if (isRecent && known.sets.some(({ members }) => members.has(ref))) return known.sets;
  const withdrawn = withdrawnBy(ports, withdrawer);
  const pending = (known?.sets ?? [])
    .map((set) => ({ ...set, members: new Set([...set.members].filter((member) => withdrawn.has(member))) }))
    .filter(({ members }) => members.size > 0);
  const fresh = [...withdrawn].filter((member) => !pending.some(({ members }) => members.has(member))).sort();
  const digest = sha256(JSON.stringify([uid, fresh])).slice(0, 16);
  const sets = fresh.length === 0 ? pending : [...pending, { members: new Set(fresh), size: fresh.length, digest }];
  if (sets.length === 0) memory.revocations.delete(uid);
  else memory.revocations.set(uid, { sets, at });
  return sets;
}

/**
 * The provider's ids of the grants that would be removed. Several ScopeGrants of one client and API are one grant there,
 * which stays while one of them has consent. A grant that was given back and withdrawn again has another id.
 */
function withdrawnBy(ports: Ports, withdrawer: Withdrawer): ReadonlySet<string> {
  const isLost = new Map<string, boolean>();
  for (const grant of withdrawer.dependents()) {
    const ref = grant.status?.externalId;
    if (ref === undefined || grant.metadata.deletionTimestamp !== undefined) continue;
    const isByThis = withdrawerOf(ports, grant)?.resource.metadata.uid === withdrawer.resource.metadata.uid;
    isLost.set(ref, (isLost.get(ref) ?? true) && isByThis);
  }
  return new Set([...isLost].filter(([, isIt]) => isIt).map(([ref]) => ref));
}

/** Who no longer consents to the grant, or to anything of what it requests; `undefined` while consent stands. */
function withdrawerOf(ports: Ports, grant: ScopeGrant): Withdrawer | undefined {
  const { namespace = "" } = grant.metadata;
  const { object, rules } = ports;
  const asker = askerOf(ports, namespace);
  if (asker.labels === undefined) return undefined;
  const ofProvider = object === undefined ? undefined : providerAsWithdrawer(ports, object);
  if (object !== undefined && !providerConsent(rules, asker).allowed) return ofProvider;
  const { externalAudience } = grant.spec;
  if (externalAudience !== undefined)
    return externalRefusal(ports, grant, externalAudience) === undefined ? undefined : ofProvider;
  const { api } = sidesOf(ports.resources, grant);
  if (api === undefined) return undefined;
  if (!mayClaimAudience(ports, api)) return ofProvider;
  const allowed = allowedScopes(ports, namespace, api);
  if (allowed !== undefined && isLeft(scopesAskedFor(grant, allowed))) return undefined;
  return apiAsWithdrawer(ports, api);
}

const apiAsWithdrawer = ({ resources }: Ports, resource: OAuthApi): Withdrawer => ({
  resource,
  dependents: () => grantsOfApi(resources, resource),
});

const providerAsWithdrawer = ({ resources }: Ports, resource: ProviderResource): Withdrawer => ({
  resource,
  dependents: () =>
    dependentsOf(resources, resource).filter((dependent): dependent is ScopeGrant => dependent.kind === "ScopeGrant"),
});
