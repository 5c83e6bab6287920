import { algorithmFor } from "../../../ports/signing-algorithms.ts";
import type { ObservedClient } from "../../../ports/provider.ts";
import type { CredentialAction, Desired, Observed, RegisteredCredential, RotationAction } from "../model.ts";
import type { CredentialFacts, StateView } from "../../state-secret/facts.ts";

export interface CredentialPlan {
  readonly desired: Desired;
  readonly observed: Observed;
  readonly client: ObservedClient;
  /** The method that the spec or the provider requests; a change to it is a rotation. */
  readonly method: string;
  /** JWS algorithm of client assertions; keys of the user's that cannot sign with it have their own. */
  readonly algorithm: string;
  /** `sub` of the tokens that the client is to authenticate with; `undefined` without a service account. */
  readonly subject: string | undefined;
  /** For how long after a change reads may show what was before, in milliseconds. */
  readonly propagationMs: number;
  readonly now: Date;
}

/** The next step until the state Secret holds what the provider holds; `undefined` when it does. */
export function planCredential(plan: CredentialPlan): CredentialAction | RotationAction | undefined {
  const { desired, observed, method } = plan;
  if (observed.isNamespaceTerminating) return undefined;
  if (method === "private_key_jwt" && desired.keys.publicKeys !== undefined) return planPublicKeys(plan);
  const current = currentOf(plan);
  if (current === undefined) return planMissing(plan);
  if (observed.state.ownership === "takeOver") return { type: "claimState" };
  switch (current.kind) {
    case "secret":
      return planSecret(plan, current);
    case "key":
      return planKey(plan, current);
    case "serviceAccount":
      return planServiceAccount(plan, current);
  }
}

/** What is written down and belongs to this client. */
export function currentOf({
  observed,
  client,
}: Pick<CredentialPlan, "observed" | "client">): CredentialFacts | undefined {
  const { current } = observed.state;
  return current?.clientId === client.clientId ? current : undefined;
}

/** There is a credential to render: one of the operator's that is written down, or keys whose private halves only the user has. */
export function isPublishable(plan: Pick<CredentialPlan, "desired" | "observed" | "client">): boolean {
  return plan.desired.keys.publicKeys !== undefined || currentOf(plan) !== undefined;
}

/**
 * A secret can be read again, or is replaced on request; of a lost key nothing is left, and a rotation makes another. With a
 * service account nothing was lost.
 */
function planMissing({ desired, observed, client, subject }: CredentialPlan): CredentialAction | undefined {
  const { ref, authenticationMethod } = client;
  if (authenticationMethod === "kubernetes")
    return subject === undefined || subject !== client.subject ? undefined : { type: "registerSubject", ref, subject };
  if (authenticationMethod === "private_key_jwt") return undefined;
  if (mayPublish(desired, observed)) return { type: "storeCredential", ref, why: "StateMissing" };
  return desired.rotation.request === undefined ? undefined : { type: "replaceSecret", ref };
}

function planSecret(
  plan: CredentialPlan,
  current: CredentialFacts & { kind: "secret" },
): CredentialAction | RotationAction | undefined {
  const { client, observed } = plan;
  const prints = fingerprintsOf(client);
  const isOther = prints?.includes(current.fingerprint) === false;
  // Of an adopted client whose method the spec does not name, what the provider says counts.
  const isOtherMethod = differsInMethod(client, current.authenticationMethod);
  if (isOther && isSettling(plan, current) && isPreviousShown(observed.state, prints)) return undefined;
  if (!isOther && !isOtherMethod) return undefined;
  return completed(plan) ?? (isWithoutSecret(client.authenticationMethod) ? undefined : changed(client));
}

/** The client authenticates with a signed assertion, and anyone who signs it keeps the key. */
export const isWithoutSecret = (method: string | undefined): boolean =>
  method === "private_key_jwt" || method === "kubernetes";

/** A method that the provider does not tell, or that is none of the operator's, is no difference: nothing could be done about it. */
export const differsInMethod = ({ authenticationMethod }: ObservedClient, method: string): boolean =>
  authenticationMethod !== undefined && authenticationMethod !== method;

const changed = ({ ref }: ObservedClient): CredentialAction => ({
  type: "storeCredential",
  ref,
  why: "ChangedAtProvider",
});

/** Reads may still show what was before a change of our own. */
function isSettling({ propagationMs, now }: CredentialPlan, { life }: CredentialFacts): boolean {
  return life.activatedAt !== undefined && now.getTime() < life.activatedAt.getTime() + propagationMs;
}

function isPreviousShown({ previous }: StateView, prints: readonly string[]): boolean {
  return previous?.kind !== "secret" || prints.includes(previous.fingerprint);
}

/** The provider has what was written down as the next one already: a step was done and not noted. */
function completed({ client, observed }: CredentialPlan): RotationAction | undefined {
  const { current, next } = observed.state;
  if (next === undefined) return undefined;
  const { isShown } = next.life;
  if (isNextMethod(client, next, current)) return { type: "switchToNext", ref: client.ref };
  if (next.kind === "serviceAccount")
    return isShown && client.subject === next.subject ? { type: "switchToNext", ref: client.ref } : undefined;
  if (next.kind === "key" || fingerprintsOf(client)?.includes(next.fingerprint) !== true) return undefined;
  return isShown ? { type: "switchToNext", ref: client.ref } : { type: "promoteNext" };
}

/** The client has changed to the method that only the next credential is for. */
export function isNextMethod(
  { authenticationMethod }: ObservedClient,
  next: CredentialFacts | undefined,
  current?: CredentialFacts,
): boolean {
  return (
    next?.life.isShown === true &&
    next.authenticationMethod === authenticationMethod &&
    current?.authenticationMethod !== authenticationMethod
  );
}

/** Keyed fingerprints of the secrets in force; `undefined` while they are not known. */
export function fingerprintsOf({ secrets }: ObservedClient): readonly string[] | undefined {
  if (secrets === undefined || secrets.length === 0) return undefined;
  const prints = secrets.flatMap(({ fingerprint }) => (fingerprint === undefined ? [] : [fingerprint]));
  return prints.length === secrets.length ? prints : undefined;
}

/** The credential of an adopted client may be in use elsewhere: it is not published without consent. */
export function mayPublish(desired: Desired, observed: Observed): boolean {
  return !isAdopted(desired, observed) || observed.adoption.sharesCredential;
}

export function isAdopted(desired: Desired, { remote }: Observed): boolean {
  if (remote.kind === "adoptable") return true;
  // The mark outlives the resource: an earlier one of this name may have adopted the client.
  if (remote.kind !== "found" && remote.kind !== "madeByPredecessor") return false;
  return (remote.client.mark?.origin ?? (desired.isAdopting ? "adopted" : "made")) === "adopted";
}

/** A key of the operator that somebody removed is registered again; other keys are left alone. */
function planKey(plan: CredentialPlan, current: CredentialFacts) {
  const { client } = plan;
  // What is not shown is no difference.
  if (client.keyRefs === undefined) return undefined;
  const isInForce =
    client.authenticationMethod === "private_key_jwt" && client.keyRefs.includes(current.registration ?? "");
  if (isInForce) return undefined;
  return completed(plan) ?? ({ type: "registerKey", ref: client.ref } as const);
}

/** Somebody changed what the client authenticates with. Not while another client has the service account. */
function planServiceAccount(
  plan: CredentialPlan,
  { subject }: CredentialFacts & { kind: "serviceAccount" },
): CredentialAction | RotationAction | undefined {
  const { client, observed } = plan;
  if (client.authenticationMethod === "kubernetes" && client.subject === subject) return undefined;
  const isClaimed = (observed.serviceAccount?.claimedBy.length ?? 0) > 0;
  return completed(plan) ?? (isClaimed ? undefined : { type: "registerSubject", ref: client.ref, subject });
}

/** Whether a private key for this algorithm is written down, in force or about to be. */
export function hasKey({ current, next }: StateView, algorithm: string): boolean {
  const isKey = (facts: CredentialFacts | undefined): boolean => facts?.kind === "key" && facts.algorithm === algorithm;
  return isKey(current) || isKey(next);
}

/** The user's own keys: nothing of the operator is kept beside them. */
function planPublicKeys({ desired, observed, client, algorithm }: CredentialPlan): CredentialAction | undefined {
  if (client.keyRefs === undefined) return undefined;
  const wanted = desired.keys.publicKeys ?? [];
  const { registered, state } = observed;
  const keys = registered.filter((one): one is RegisteredCredential & { keyId: string } => one.keyId !== undefined);
  const isInForce =
    client.authenticationMethod === "private_key_jwt" &&
    isSameList(
      keys.map(({ keyId }) => keyId),
      wanted.map(({ keyId }) => keyId),
    ) &&
    isSameList(
      keys.map(({ ref }) => ref),
      client.keyRefs,
    ) &&
    wanted.every(({ keyId, type }) =>
      keys.some((key) => key.keyId === keyId && key.algorithm === algorithmFor(type, algorithm)),
    );
  if (!isInForce) return { type: "registerPublicKeys", ref: client.ref, algorithm };
  return state.ownership === "ours" ? { type: "removeState" } : undefined;
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item) => right.includes(item));
}
