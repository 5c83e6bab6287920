import type { Resource } from "../../ports/resource.ts";
import type { KindContext, RevocationSet } from "../kind-context.ts";
import { ANNOTATIONS } from "../schema/annotations.ts";
import { providerConsent } from "../../consent/provider-consent.ts";
import { askerOf, type Standing } from "../access/standing.ts";
import { grantsOfApi } from "../relations/dependents.ts";
import { providerKeyOf } from "../relations/provider-ref.ts";
import { externalRefusal, type Judge, mayBeGranted, mayClaimAudience, type Peers, peersOf } from "./peers.ts";
import type { ScopeGrant } from "./schema.ts";

/** The object that no longer consents: a provider or an OAuthApi. */
interface Withdrawer {
  readonly resource: Resource;
  /** ScopeGrants that need its consent. */
  readonly dependents: () => readonly ScopeGrant[];
}

/** Every grant that is held asks for the set it belongs to, so that one answer serves those that ask together. */
const SET_VALID_MS = 1000;

/**
 * Why a grant that lost its consent stays for now; `undefined` when it may be removed. One withdrawal that would remove
 * more grants than `--max-revocations` waits for a confirmation that names exactly these grants: whatever withdraws
 * others next, an edit or a label of a namespace, needs its own.
 */
export function heldRevocation(
  context: RevocationPorts,
  standing: Pick<Standing, "object" | "rules">,
  grant: ScopeGrant,
  peers: Peers,
): string | undefined {
  const { namespaces, resources } = context;
  const ports = { namespaces, resources, object: standing.object, rules: standing.rules };
  const withdrawer = withdrawerOf(ports, grant, peers);
  if (withdrawer === undefined) return undefined;
  const given = withdrawer.resource.metadata.annotations?.[ANNOTATIONS.confirmRevocations];
  const set = setOf(context, ports, withdrawer, grant, given);
  const { maxRevocations } = context.settings;
  if (set.members.size <= maxRevocations || given === set.digest) return undefined;
  return messageOf(withdrawer.resource, set, maxRevocations);
}

type RevocationPorts = Pick<KindContext, "namespaces" | "resources" | "settings" | "memory" | "now" | "sha256">;

/** The grants that one withdrawal would remove, this one among them. */
function setOf(
  { memory, now, sha256 }: RevocationPorts,
  ports: Ports,
  withdrawer: Withdrawer,
  grant: ScopeGrant,
  given: string | undefined,
): RevocationSet {
  const { uid } = withdrawer.resource.metadata;
  const known = memory.revocations.get(uid);
  const isMember = known?.members.has(memberOf(grant)) === true;
  const isRecent = known !== undefined && now().getTime() - known.at < SET_VALID_MS;
  // Members of a confirmed set go one after another, and each that is gone leaves the rest confirmed.
  if (known !== undefined && isMember && (given === known.digest || isRecent)) return known;
  const members = [...withdrawer.dependents()]
    .filter((other) => other.status?.externalId !== undefined)
    .filter((other) => isSameWithdrawer(withdrawerOf(ports, other, peersOf(ports, other)), withdrawer))
    .map(memberOf)
    .sort();
  const digest = sha256(JSON.stringify([uid, members])).slice(0, 16);
  const set = { members: new Set(members), digest, at: now().getTime() };
  memory.revocations.set(uid, set);
  return set;
}

/** With the provider's id: a grant that was given back and is withdrawn again is another. */
function memberOf({ metadata: { namespace = "", name, uid }, status }: ScopeGrant): string {
  return [namespace, name, uid, status?.externalId ?? ""].join("/");
}

function messageOf({ kind, metadata }: Resource, { members, digest }: RevocationSet, max: number): string {
  const name = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  return `${kind} ${name} no longer consents to ${String(members.size)} grants, more than --max-revocations (${String(max)}). To delete these grants, annotate it with ${ANNOTATIONS.confirmRevocations}: "${digest}". To keep them, restore the consent.`;
}

const isSameWithdrawer = (left: Withdrawer | undefined, right: Withdrawer): boolean =>
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
