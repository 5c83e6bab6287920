import type { ObservedClient } from "../../ports/provider.ts";
import type { CredentialAction, CredentialFacts, Desired, Observed, StateView } from "./model.ts";

interface CredentialPlan {
  readonly desired: Desired;
  readonly observed: Observed;
  readonly client: ObservedClient;
  readonly method: string;
  /** JWS algorithm of client assertions. */
  readonly algorithm: string;
}

/** The next step until the state Secret holds what the provider holds; `undefined` when it does. */
export function planCredential(plan: CredentialPlan): CredentialAction | undefined {
  if (plan.observed.isNamespaceTerminating) return undefined;
  if (plan.method !== "private_key_jwt") return planSecret(plan);
  return plan.desired.keys.publicKeys === undefined ? planKey(plan) : planPublicKeys(plan);
}

function planSecret({ desired, observed, client, method }: CredentialPlan): CredentialAction | undefined {
  const { current, ownership } = observed.state;
  const { ref } = client;
  if (current === undefined || current.clientId !== client.clientId || current.kind !== "secret") {
    if (mayPublish(desired, observed)) return { type: "storeCredential", ref, why: "StateMissing" };
    return desired.isRotationRequested ? { type: "replaceSecret", ref } : undefined;
  }
  const isOther = client.secretFingerprints?.includes(current.fingerprint) === false;
  const isOtherMethod = client.authenticationMethod !== undefined && current.authenticationMethod !== method;
  if (isOther || isOtherMethod) return { type: "storeCredential", ref, why: "ChangedAtProvider" };
  return ownership === "ours" ? undefined : { type: "claimState" };
}

/** The credential of an adopted client may be in use elsewhere: it is not published without consent. */
export function mayPublish(desired: Desired, observed: Observed): boolean {
  return !isAdopted(desired, observed) || observed.adoption.sharesCredential;
}

export function isAdopted(desired: Desired, { remote }: Observed): boolean {
  if (remote.kind === "candidate") return true;
  // Also one that an earlier resource had adopted.
  if (remote.kind !== "found" && remote.kind !== "predecessors") return false;
  return (remote.client.mark?.origin ?? (desired.isAdopting ? "adopted" : "made")) === "adopted";
}

/** A key pair of our own: written down, registered, then in force. */
function planKey({ desired, observed, client, algorithm }: CredentialPlan): CredentialAction | undefined {
  const { state } = observed;
  if (!hasKey(state, algorithm)) return { type: "prepareKey", algorithm };
  if (state.ownership === "takeOver") return { type: "claimState" };
  const { current } = state;
  const keepsOthers = isAdopted(desired, observed);
  const isInForce =
    current?.kind === "key" &&
    current.algorithm === algorithm &&
    current.clientId === client.clientId &&
    client.authenticationMethod === "private_key_jwt" &&
    client.keyRefs.includes(current.registration ?? "") &&
    (keepsOthers || client.keyRefs.length === 1);
  return isInForce ? undefined : { type: "registerKey", ref: client.ref, keepsOthers };
}

/** Whether a private key for this algorithm is written down, in force or about to be. */
export function hasKey({ current, next }: StateView, algorithm: string): boolean {
  const isKey = (facts: CredentialFacts | undefined): boolean => facts?.kind === "key" && facts.algorithm === algorithm;
  return isKey(current) || isKey(next);
}

/** The user's own keys: nothing of ours is kept beside them. */
function planPublicKeys({ desired, observed, client, algorithm }: CredentialPlan): CredentialAction | undefined {
  const wanted = (desired.keys.publicKeys ?? []).map(({ keyId }) => keyId);
  const { registered, state } = observed;
  const isInForce =
    client.authenticationMethod === "private_key_jwt" &&
    isSameList(
      registered.map(({ keyId }) => keyId),
      wanted,
    ) &&
    isSameList(
      registered.map(({ ref }) => ref),
      client.keyRefs,
    ) &&
    registered.every((key) => key.algorithm === algorithm);
  if (!isInForce) return { type: "registerPublicKeys", ref: client.ref, algorithm };
  return state.ownership === "ours" ? { type: "removeState" } : undefined;
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item) => right.includes(item));
}
