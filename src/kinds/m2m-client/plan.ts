import type { Plan } from "../../controller/reconcile.ts";
import type { AuthenticationMethod, ClientChange, ClientSpec, ObservedClient, Ref } from "../../ports/provider.ts";
import type { Reason } from "../../controller/reasons.ts";
import { haltOf, type ProviderAccess, type ProviderFacts } from "../provider-access.ts";
import { isOwnedBy, type Owner } from "../../ownership/owner.ts";
import { type OutputView, planOutput } from "../outputs-plan.ts";
import { unsupportedMessage } from "../unsupported.ts";
import { changeOf } from "./change.ts";

/** What the resource asks for. A resource that is being deleted is desired absent. */
export interface Desired {
  readonly isAbsent: boolean;
  readonly isPaused: boolean;
  readonly deletionPolicy: "Delete" | "Retain";
  readonly owner: Owner;
  readonly spec: WantedClient;
  /** Set when the spec names metadata: then the remote metadata is exactly this. */
  readonly ownsMetadata: boolean;
  readonly ownsDescription: boolean;
}

/** The client as the spec has it; the provider's own authentication method is filled in once it is known. */
export type WantedClient = Omit<ClientSpec, "authenticationMethod"> & Partial<Pick<ClientSpec, "authenticationMethod">>;

/** The remote side, after the create protocol was consulted. */
export type RemoteView =
  | { readonly kind: "unread" }
  | { readonly kind: "absent" }
  /** A create of ours may still come to light; nothing may be created before `until`. */
  | { readonly kind: "unsettled"; readonly until: Date }
  | { readonly kind: "found"; readonly client: ObservedClient; readonly duplicates: readonly Ref[] };

/** The state Secret, without values. */
export interface StateView {
  readonly ownership: "none" | "ours" | "takeOver" | "foreign";
  readonly name: string;
  /** uid and resourceVersion; stands for the content. */
  readonly version: string;
  readonly current?: {
    readonly id: string;
    readonly fingerprint: string;
    readonly authenticationMethod: AuthenticationMethod;
    readonly clientId: string;
    readonly createdAt: string;
  };
}

export interface Verification {
  readonly credentialId: string;
  readonly audience: string;
  readonly result: "Verified" | "Refused" | "CannotVerify";
  readonly message: string;
  readonly tries: number;
  readonly at: Date;
}

export interface Observed {
  readonly hasFinalizer: boolean;
  readonly provider: ProviderAccess;
  readonly remote: RemoteView;
  readonly state: StateView;
  readonly isNamespaceTerminating: boolean;
  /** The client's Secret; `blocked` says why it cannot be rendered yet. */
  readonly secret: OutputView;
  readonly blocked:
    { readonly kind: "wait" | "stalled"; readonly reason: Reason; readonly message: string } | undefined;
  /** Secrets that an earlier `spec.secret.name` left behind. */
  readonly formerSecrets: readonly string[];
  readonly verification: Verification | undefined;
  /** Audience a verification token can be asked for; `undefined` while nothing is granted. */
  readonly verifiableAudience: string | undefined;
  /** When the provider's budget of verification tokens allows the next one. */
  readonly verifiableAt: Date;
  /** The provider's credential is gone for good and we waited long enough: what stays there is named, not deleted. */
  readonly mayAbandon: boolean;
  /** Something may have been made at the tenant: without that a deletion needs nobody. */
  readonly mayHaveMade: boolean;
}

export type Action =
  | { readonly type: "addFinalizer" }
  | { readonly type: "createClient"; readonly spec: ClientSpec; readonly owner: Owner }
  | { readonly type: "updateClient"; readonly ref: Ref; readonly change: ClientChange; readonly remark: boolean }
  | { readonly type: "removeDuplicateClient"; readonly ref: Ref }
  | { readonly type: "storeCredential"; readonly ref: Ref; readonly why: "StateMissing" | "ChangedAtProvider" }
  | { readonly type: "publishSecret"; readonly why: string }
  | { readonly type: "removeFormerSecret"; readonly name: string }
  | { readonly type: "verifyCredential"; readonly audience: string; readonly attempt: number }
  | { readonly type: "removeClient"; readonly ref: Ref }
  | { readonly type: "releaseClient"; readonly ref: Ref | undefined }
  | { readonly type: "abandonClient" }
  | { readonly type: "removeFinalizer" };

type Step = Plan<Action>;

const act = (...actions: Action[]): Step => ({ actions });
const wait = (reason: Reason, message: string, at?: Date): Step => ({
  actions: [],
  halt: at === undefined ? { kind: "wait", reason, message } : { kind: "wait", reason, message, until: at },
});
const stalled = (reason: Reason, message: string): Step => ({
  actions: [],
  halt: { kind: "stalled", reason, message },
});

const halted = (access: ProviderAccess): Step => {
  const halt = haltOf(access);
  return halt === undefined ? { actions: [] } : { actions: [], halt };
};

/** Decides the next steps. It is asked again after they were applied, until it asks for none. */
export function plan(desired: Desired, observed: Observed, now: Date): Step {
  if (desired.isAbsent) return planAbsent(desired, observed);
  if (desired.isPaused) return { actions: [], halt: { kind: "paused" } };
  if (observed.provider.state !== "ready") return halted(observed.provider);
  const unsupported = unsupportedIn(desired.spec, observed.provider.facts);
  if (unsupported !== undefined) return stalled("UnsupportedByProvider", unsupported);
  if (observed.state.ownership === "foreign") return stateSecretTaken(observed);
  if (!observed.hasFinalizer) return act({ type: "addFinalizer" });
  return planRemote(desired, observed, observed.provider.facts, now);
}

function unsupportedIn(spec: WantedClient, { vendor, capabilities }: ProviderFacts): string | undefined {
  const offered = capabilities.authenticationMethods;
  return unsupportedMessage(vendor, [
    { field: "spec.authentication.method", wanted: spec.authenticationMethod, offered },
  ]);
}

function planRemote(desired: Desired, observed: Observed, facts: ProviderFacts, now: Date): Step {
  const { remote } = observed;
  switch (remote.kind) {
    case "unread":
      return wait("ProviderNotReady", "The tenant has not been read yet.");
    case "unsettled":
      return wait(
        "Progressing",
        "An earlier create has no known outcome yet; waiting until it can be seen.",
        remote.until,
      );
    case "absent":
      if (observed.isNamespaceTerminating) return wait("Deleting", "The namespace is being deleted.");
      return act({ type: "createClient", spec: resolved(desired.spec, facts), owner: desired.owner });
    case "found":
      return planFound(desired, observed, facts, remote, now);
  }
}

function planFound(
  desired: Desired,
  observed: Observed,
  facts: ProviderFacts,
  remote: Extract<RemoteView, { kind: "found" }>,
  now: Date,
): Step {
  const { client, duplicates } = remote;
  const refusal = refusalOf(client, desired.owner, facts);
  if (refusal !== undefined) return refusal;
  const actions: Action[] = duplicates.map((ref) => ({ type: "removeDuplicateClient", ref }));
  const remark = !isOwnedBy(client.mark, desired.owner) || client.mark?.object !== desired.owner.object;
  const change = changeOf(desired, resolved(desired.spec, facts), client);
  if (remark || Object.keys(change).length > 0) actions.push({ type: "updateClient", ref: client.ref, change, remark });
  const credential = credentialStep(observed, client);
  if (credential !== undefined) actions.push(credential);
  return actions.length > 0 ? { actions } : planPublication(observed, facts, now);
}

/** Not set: what the provider's own SDKs use. */
function resolved(spec: WantedClient, { capabilities }: ProviderFacts): ClientSpec {
  const method = spec.authenticationMethod ?? capabilities.authenticationMethods[0] ?? "client_secret_basic";
  return { ...spec, authenticationMethod: method };
}

/** Objects that are somebody else's are never touched, whatever status says. */
function refusalOf(client: ObservedClient, owner: Owner, facts: ProviderFacts): Step | undefined {
  if (client.isSystem || client.clientId === facts.ownClientId)
    return stalled(
      "NotOwned",
      `Client ${client.clientId} belongs to the provider or to this operator and is not managed.`,
    );
  if (client.mark !== undefined && !isOwnedBy(client.mark, owner))
    return stalled("NotOwned", `Client ${client.clientId} carries the mark of another resource or installation.`);
  return undefined;
}

/** The state Secret must hold the credential that the provider holds. */
function credentialStep(observed: Observed, client: ObservedClient): Action | undefined {
  if (observed.isNamespaceTerminating) return undefined;
  const { current, ownership } = observed.state;
  if (current === undefined || ownership !== "ours" || current.clientId !== client.clientId)
    return { type: "storeCredential", ref: client.ref, why: "StateMissing" };
  const isOther = client.secretFingerprint !== undefined && client.secretFingerprint !== current.fingerprint;
  if (isOther) return { type: "storeCredential", ref: client.ref, why: "ChangedAtProvider" };
  return current.authenticationMethod === client.authenticationMethod || client.authenticationMethod === undefined
    ? undefined
    : { type: "storeCredential", ref: client.ref, why: "ChangedAtProvider" };
}

function planPublication(observed: Observed, facts: ProviderFacts, now: Date): Step {
  if (observed.isNamespaceTerminating) return wait("Deleting", "The namespace is being deleted.");
  if (observed.blocked !== undefined) {
    const { kind, reason, message } = observed.blocked;
    return kind === "wait" ? wait(reason, message) : stalled(reason, message);
  }
  const decision = planOutput(observed.secret);
  if (decision.kind === "refused") return stalled(decision.reason, decision.message);
  if (decision.kind === "publish") return act({ type: "publishSecret", why: decision.why });
  if (observed.formerSecrets.length > 0)
    return { actions: observed.formerSecrets.map((name) => ({ type: "removeFormerSecret", name })) };
  return planVerification(observed, facts, now);
}

/** Tokens cost quota at the tenant: one per changed credential, at most three tries, never in a loop. */
const MAX_TRIES = 3;

function planVerification(observed: Observed, facts: ProviderFacts, now: Date): Step {
  const credentialId = observed.state.current?.id;
  const audience = observed.verifiableAudience;
  if (facts.verificationPolicy === "Never" || audience === undefined || credentialId === undefined) return act();
  const last = observed.verification?.credentialId === credentialId ? observed.verification : undefined;
  if (observed.verifiableAt > now) return { actions: [], recheckAt: observed.verifiableAt };
  if (last === undefined) return act({ type: "verifyCredential", audience, attempt: 1 });
  if (last.result !== "Refused") return act();
  if (last.tries >= MAX_TRIES) return stalled("VerificationFailed", last.message);
  const dueAt = new Date(last.at.getTime() + facts.capabilities.propagationMs);
  if (now < dueAt) return wait("VerificationFailed", last.message, dueAt);
  return act({ type: "verifyCredential", audience, attempt: last.tries + 1 });
}

function planAbsent(desired: Desired, observed: Observed): Step {
  if (!observed.hasFinalizer) return act();
  if (observed.provider.state !== "ready") return planAbsentWithoutProvider(observed);
  const { remote } = observed;
  if (remote.kind === "unread") return wait("ProviderNotReady", "The tenant has not been read yet.");
  if (remote.kind === "unsettled")
    return wait("Deleting", "An earlier create has no known outcome yet; waiting until it can be seen.", remote.until);
  const removable =
    remote.kind === "found" && refusalOf(remote.client, desired.owner, observed.provider.facts) === undefined;
  if (desired.deletionPolicy === "Retain") {
    const marked = removable && remote.client.mark !== undefined;
    return act({ type: "releaseClient", ref: marked ? remote.client.ref : undefined }, { type: "removeFinalizer" });
  }
  const removals: Action[] = removable
    ? [...remote.duplicates, remote.client.ref].map((ref) => ({ type: "removeClient", ref }))
    : [];
  return { actions: [...removals, { type: "removeFinalizer" }] };
}

/** Consent is never needed to remove; a credential that is gone for good is waited for, but not for ever. */
function planAbsentWithoutProvider(observed: Observed): Step {
  if (!observed.mayHaveMade) return act({ type: "removeFinalizer" });
  if (observed.mayAbandon) return act({ type: "abandonClient" }, { type: "removeFinalizer" });
  return wait("ProviderNotReady", "Waiting for the provider in order to delete the client there.");
}

function stateSecretTaken(observed: Observed): Step {
  return stalled(
    "SecretNotOwned",
    `Secret "${observed.state.name}" exists and was not made for this resource; it is where credentials are kept. Delete it.`,
  );
}
