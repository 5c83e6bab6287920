import type { Mark } from "../../ports/mark.ts";
import type { AuthenticationMethod, ClientChange, ClientSpec, ObservedClient, Ref } from "../../ports/provider.ts";
import type { KeyType } from "../../ports/signing-algorithms.ts";
import type { Owner } from "../../ownership/owner.ts";
import type { PodPolicy } from "./rotation/pods.ts";
import type { StateView } from "../state-secret/facts.ts";
import type { RotationCause } from "./rotation/step.ts";
import type { OutputView } from "../outputs/decide.ts";
import type { Abandonment, ProviderAccess } from "../access/provider-access.ts";

/** What the resource requests. A resource that is being deleted has `isAbsent`. */
export interface Desired {
  readonly isAbsent: boolean;
  readonly isPaused: boolean;
  readonly rotation: WantedRotation;
  /** `undefined`: Delete for what we made, Retain for what was adopted. */
  readonly deletionPolicy: "Delete" | "Retain" | undefined;
  readonly isAdopting: boolean;
  /** ID of the client to adopt. */
  readonly clientId: string | undefined;
  readonly owner: Owner;
  /** Of the resource, for messages. */
  readonly names: { readonly namespace: string; readonly name: string };
  readonly spec: WantedClient;
  readonly keys: WantedKeys;
  /** Only with method `kubernetes`. */
  readonly serviceAccount?: WantedServiceAccount | undefined;
  /** By id or name. */
  readonly defaultOrganization: string | undefined;
  /** How long grants that nobody requested are listed before they are removed; `undefined`: never removed. */
  readonly prunesAfterMs: number | undefined;
  readonly owns: Owns;
}

/** How and when the credential is to change. Durations in milliseconds. */
export interface WantedRotation {
  /** `undefined`: only on request. */
  readonly everyMs: number | undefined;
  readonly announceMs: number;
  readonly overlapMs: number;
  readonly maxWaitMs: number;
  /** `undefined`: what the operator's configuration allows. */
  readonly waitForPods: PodPolicy | undefined;
  /** What the annotation says that requests a new credential. */
  readonly request: string | undefined;
  /** Everything made before it is known to others; `problem` says why the annotation cannot be read. */
  readonly compromisedAt: { readonly time: Date } | { readonly problem: string } | undefined;
  /** Spreads rotations that would be due together; from 0 to 1, the same for one resource at all times. */
  readonly jitter: number;
}

/** Which settings the spec speaks of; of the others, an adopted client keeps its own. */
export interface Owns {
  readonly displayName: boolean;
  readonly description: boolean;
  readonly metadata: boolean;
  readonly authenticationMethod: boolean;
  readonly isEnabled: boolean;
}

/** What `private_key_jwt` is to be done with. */
export interface WantedKeys {
  readonly algorithm?: string;
  /** The user's own; `undefined` when a key pair is to be made. */
  readonly publicKeys?: readonly WantedKey[];
  /** Why one of them cannot be used. */
  readonly problem?: string;
}

/** A public key of the user's, named by its RFC 7638 thumbprint. */
export interface WantedKey {
  readonly keyId: string;
  /** SubjectPublicKeyInfo. */
  readonly pem: string;
  readonly type: KeyType;
}

/** The service account whose tokens the client is to authenticate with. */
export interface WantedServiceAccount {
  readonly namespace: string;
  readonly name: string;
  /** `sub` of its tokens. */
  readonly subject: string;
}

/** What is known of that service account. */
export interface ServiceAccountView {
  readonly exists: boolean;
  /** Client IDs of other clients of the tenant that have it. */
  readonly claimedBy: readonly string[];
}

/** The client as the spec has it; the provider's own authentication method is filled in once it is known. */
export type WantedClient = Omit<ClientSpec, "authenticationMethod"> & Partial<Pick<ClientSpec, "authenticationMethod">>;

/** The remote side, after the create protocol was consulted. */
export type RemoteView =
  | { readonly kind: "unread" }
  | { readonly kind: "absent" }
  /** A create of the operator may still come to light; nothing may be created before `until`. */
  | { readonly kind: "unsettled"; readonly until: Date }
  | { readonly kind: "found"; readonly client: ObservedClient; readonly duplicates: readonly Ref[] }
  /** The client that status records and that nothing proves to be this resource's. */
  | { readonly kind: "notOurs"; readonly client: ObservedClient }
  /** The client that the spec names for adoption, not ours yet; `undefined` when there is none of that id. */
  | { readonly kind: "adoptable"; readonly client: ObservedClient | undefined }
  /** Made by this installation for an earlier resource of this name. */
  | { readonly kind: "madeByPredecessor"; readonly client: ObservedClient };

/** What is known of the Pods that a rotation waits for. */
export type PodsView =
  | { readonly kind: "unread" }
  /** The API server refuses to show them. */
  | { readonly kind: "unreadable"; readonly problem: string }
  /** `waiting`: names of those that still work with the old credential. */
  | { readonly kind: "read"; readonly waiting: readonly string[] };

/** What a rotation needs to know beyond the state Secret. */
export interface RotationView {
  /** The due time already published in status. */
  readonly previouslyScheduledAt: Date | undefined;
  /** Every published Secret that holds the credential is what the state Secret says. */
  readonly isPublished: boolean;
  /** Some published Secret shows what comes next. */
  readonly isAnnouncing: boolean;
  readonly pods: PodsView;
  /** When the next rotation on request may begin; `undefined`: at once. */
  readonly allowedAt?: Date | undefined;
  /** Those that have a Secret of an earlier name. */
  readonly formerPods: PodsView;
  /** Whether the operator's configuration lets it read Pods. */
  readonly mayReadPods: boolean;
}

/** A grant of the client at the provider that no ScopeGrant requests. */
export interface UnmanagedGrant {
  readonly ref: Ref;
  readonly audience: string;
  readonly scopes: readonly string[];
  /** Since when status lists it; `undefined` when it does not yet. */
  readonly since: Date | undefined;
  /** On an API of the provider's own, or one that consent names: never removed. */
  readonly isProtected: boolean;
}

/** A credential that this resource registered, as status records it. */
export interface RegisteredCredential {
  readonly ref: string;
  /** Only of a key. */
  readonly keyId?: string | undefined;
  readonly algorithm?: string | undefined;
  readonly createdAt: string;
}

export interface Verification {
  readonly credentialId: string;
  readonly audience: string;
  /** As status has it: see there. */
  readonly result: "Verified" | "Refused" | "CannotVerify" | "NotIssued";
  readonly message: string;
  readonly tries: number;
  readonly at: Date;
}

export interface Observed {
  /** Without it nothing was made at the tenant or published, and a deletion needs nobody. */
  readonly hasFinalizer: boolean;
  /** Something of it may be at the tenant. */
  readonly mayHaveMade?: boolean;
  /** Grants that a ScopeGrant made which does not exist any more. */
  readonly leftBehind?: readonly Ref[];
  readonly provider: ProviderAccess;
  readonly remote: RemoteView;
  readonly state: StateView;
  /** As status records it. The mark says the same until it is removed. */
  readonly origin: "Made" | "Adopted";
  /** Whether the provider's owner allows the adoption of the client that the spec names. */
  readonly adoption: {
    readonly isAllowed: boolean;
    readonly sharesCredential: boolean;
    /** Another resource that may adopt it too and takes precedence. */
    readonly winner?: string;
  };
  /** Absent: the spec names none, or the tenant was not asked. */
  readonly serviceAccount?: ServiceAccountView | undefined;
  /** What this resource registered at the provider, as status records it. */
  readonly registered: readonly RegisteredCredential[];
  readonly rotation: RotationView;
  /** The default organization, once it was looked up; `id` is `undefined` when the tenant has none of that name, or consent does not name it. */
  readonly organization: { readonly id: string | undefined } | undefined;
  /** Tokens are bound to an organization, by the tenant's client, that consent does not allow. */
  readonly isOrganizationWithdrawn?: boolean;
  /** `undefined` while not everything that could hold one has been read. */
  readonly unmanaged: readonly UnmanagedGrant[] | undefined;
  /** Every ScopeGrant of the client is Ready, so that the remaining grants really belong to no ScopeGrant. */
  readonly areGrantsSettled: boolean;
  /** What an earlier resource of this name made may be recovered. */
  readonly mayRecover: boolean;
  readonly isNamespaceTerminating: boolean;
  /** The client's Secret; `blocked` says why it cannot be rendered yet. */
  readonly secret: OutputView;
  readonly blocked:
    | Halted<
        "PrimaryGrantRequired" | "GrantNotReady" | "SecretTooLarge" | "TemplateInvalid" | "WaitingForTemplateValue"
      >
    | undefined;
  /** Why the flat keys are not those of the API that the spec requests; what is published stays right. Absent: they are. */
  readonly undecided?: Halted<"PrimaryGrantRequired" | "GrantNotReady"> | undefined;
  /** Names of ScopeGrants of this client whose first pass is still to come; absent: none. */
  readonly grantsUnderWay?: readonly string[];
  /** Secrets that an earlier `spec.secret.name` left behind. */
  readonly formerSecrets: readonly FormerSecret[];
  readonly verification: Verification | undefined;
  /** Audience a verification token can be requested; `undefined` while nothing is granted. */
  readonly verifiableAudience: string | undefined;
  /** Why the operator cannot obtain a token by design. It then requests none. */
  readonly unverifiableBecause: string | undefined;
  /** When the provider's budget of verification tokens allows the next one. */
  readonly verifiableAt: Date;
  /** Whether a deletion ends without the tenant: what stays there is named, not deleted. */
  readonly abandonment: Abandonment;
}

interface Halted<Reason extends string> {
  readonly kind: "unmet" | "stalled";
  readonly reason: Reason;
  readonly message: string;
}

interface FormerSecret {
  readonly name: string;
  /** When status first said that it is one; `undefined` when it does not yet. */
  readonly since: Date | undefined;
}

export type Action =
  | { readonly type: "addFinalizer" }
  | { readonly type: "createClient"; readonly spec: ClientSpec; readonly owner: Owner }
  | {
      readonly type: "updateClient";
      readonly ref: Ref;
      readonly change: ClientChange;
      /** Whether the mark is written again, and what it says. */
      readonly remark: Mark["origin"] | undefined;
    }
  | CredentialAction
  | RotationAction
  | { readonly type: "removeUnmanagedGrant"; readonly ref: Ref }
  | { readonly type: "removeDuplicateClient"; readonly ref: Ref }
  | { readonly type: "publishSecret"; readonly why: string }
  | { readonly type: "removeFormerSecret"; readonly name: string }
  | {
      readonly type: "verifyCredential";
      readonly audience: string;
      readonly attempt: number;
      readonly which: "current" | "next";
    }
  | { readonly type: "removeClient"; readonly ref: Ref }
  | { readonly type: "releaseClient"; readonly ref: Ref | undefined }
  | { readonly type: "abandonClient" }
  | { readonly type: "removeFinalizer" };

/** What brings credential, provider and state Secret together. None of it carries a value. */
export type CredentialAction =
  | { readonly type: "storeCredential"; readonly ref: Ref; readonly why: "StateMissing" | "ChangedAtProvider" }
  /** A new secret replaces the one in force, which somebody else may use: only on request. */
  | { readonly type: "replaceSecret"; readonly ref: Ref }
  /** The state Secret of an earlier resource of this name holds what is in force. */
  | { readonly type: "claimState" }
  | { readonly type: "removeState" }
  /** The key pair of a client that is to be made. */
  | { readonly type: "prepareKey"; readonly algorithm: string }
  /** The provider is to accept this subject: it does not any more, or it does and nothing is written down. */
  | { readonly type: "registerSubject"; readonly ref: Ref; readonly subject: string }
  /** The key in force is gone at the provider. */
  | { readonly type: "registerKey"; readonly ref: Ref }
  | { readonly type: "registerPublicKeys"; readonly ref: Ref; readonly algorithm: string };

/** One step of a rotation; see `rotation/step.ts` for what each means. */
export type RotationAction =
  | {
      readonly type: "prepareNext";
      readonly ref: Ref;
      readonly cause: RotationCause;
      readonly method: AuthenticationMethod;
      readonly algorithm: string;
      readonly isShown: boolean;
      /** It is to be announced, and nothing that is published shows it. */
      readonly isHidden: boolean;
    }
  | { readonly type: "registerNext"; readonly ref: Ref; readonly insteadOf: string | undefined }
  | { readonly type: "discardNext" | "switchToNext"; readonly ref: Ref }
  | { readonly type: "promoteNext" | "noteAnnounced" | "notePublished" | "forgetPrevious" }
  /** `credentials`: ids at the provider of what must stop working. */
  | { readonly type: "retirePrevious"; readonly ref: Ref; readonly credentials: readonly RetiringRef[] };

export interface RetiringRef {
  readonly kind: "secret" | "key";
  readonly ref: string;
}
