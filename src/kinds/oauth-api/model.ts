import type { Mark } from "../../ports/mark.ts";
import type { Owner } from "../../ownership/owner.ts";
import type { ApiChange, ApiSpec, ObservedApi, Ref, GrantChange } from "../../ports/provider.ts";
import type { OutputView } from "../outputs/decide.ts";
import type { Confirmation } from "../schema/annotations.ts";
import type { Abandonment, ProviderAccess } from "../access/provider-access.ts";

export interface Desired {
  readonly isAbsent: boolean;
  readonly isPaused: boolean;
  /** `undefined`: Delete for what we made, Retain for what was adopted. */
  readonly deletionPolicy: "Delete" | "Retain" | undefined;
  readonly isAdopting: boolean;
  /** Whether the spec names a display name; else an adopted API keeps its own. */
  readonly ownsDisplayName: boolean;
  /** Vendor sections that the spec has. */
  readonly sections: readonly string[];
  /** The spec names a Secret for the key of tokens that are signed with a shared secret. */
  readonly publishesSigningSecret: boolean;
  readonly owner: Owner;
  /** Of the resource, for messages. */
  readonly namespace: string;
  /** The provider's id of the API to adopt, where the audience does not tell. */
  readonly adoptedId: string | undefined;
  /** The user asked to delete the API although grants of others still use it. */
  readonly isForced: boolean;
  readonly spec: ApiSpec;
}

export type RemoteView =
  | { readonly kind: "unread" }
  | { readonly kind: "absent" }
  /** A create of the operator may still come to light; nothing may be created before `until`. */
  | { readonly kind: "unsettled"; readonly until: Date }
  | { readonly kind: "found"; readonly api: ObservedApi; readonly duplicates: readonly Ref[] }
  /** An API with this audience exists and is not known to be ours; `undefined`: there is none of the id to adopt. */
  | { readonly kind: "notOurs"; readonly api: ObservedApi | undefined }
  /** Made by this installation for an earlier resource of this name. */
  | { readonly kind: "madeByPredecessor"; readonly api: ObservedApi };

/** A grant at the tenant that consent does not allow, or not all of it, and that no ScopeGrant takes away. */
export interface LeftGrant {
  readonly ref: Ref;
  /** What consent allows of it; `undefined`: nothing. */
  readonly kept: Pick<GrantChange, "scopes" | "organizations"> | undefined;
}

/** Access that the API's or the provider's owner does not allow. */
export interface Losses {
  readonly leftGrants: readonly LeftGrant[];
  /** Why those of them that lose everything stay for now: too many at once. */
  readonly heldLeftGrants: Confirmation | undefined;
  /** What this object no longer consents to and still stands, until its owner confirms it. */
  readonly heldRevocations: readonly Confirmation[];
}

export interface Observed {
  /** Without it nothing was made at the tenant or published, and a deletion needs nobody. */
  readonly hasFinalizer: boolean;
  readonly provider: ProviderAccess;
  /** Why the provider's owner does not let this namespace claim this audience; `undefined` when it may. */
  readonly audienceRefusal: string | undefined;
  /** Another resource of the same tenant that claims the audience and has the better right to it. */
  readonly winner: string | undefined;
  readonly remote: RemoteView;
  /** The provider's owner lets this namespace adopt the API of this audience. */
  readonly mayAdopt: boolean;
  /** What an earlier resource of this name made may be recovered. */
  readonly mayRecover: boolean;
  readonly origin: "Made" | "Adopted";
  /** Of an adopted API: scopes that the resource has named at some time. */
  readonly ownedScopes: readonly string[];
  readonly isNamespaceTerminating: boolean;
  readonly configMap: OutputView | undefined;
  /** Secret with the key that verifies tokens signed with a shared secret. */
  readonly signingSecret: OutputView | undefined;
  readonly formerConfigMaps: readonly string[];
  readonly formerSecrets: readonly string[];
  /** Read only when the API is to be deleted: grants on it, by whether this operator made their client. */
  readonly grants: { readonly ours: readonly Ref[]; readonly others: readonly string[] } | undefined;
  readonly abandonment: Abandonment;
  /** Absent while the API is being deleted, which revokes every grant. */
  readonly losses?: Losses;
  /** Why its deletion waits for a confirmation: too many ScopeGrants would lose their grant. Absent: it does not. */
  readonly heldDeletion?: Confirmation | undefined;
  /** Another OAuthApi of this cluster manages the API that this one found. */
  readonly managedBy?: string | undefined;
  /** Something of it may be at the tenant. */
  readonly mayHaveMade?: boolean;
}

export type Action =
  | { readonly type: "addFinalizer" }
  | { readonly type: "createApi"; readonly spec: ApiSpec }
  | {
      readonly type: "updateApi";
      readonly ref: Ref;
      readonly change: ApiChange;
      readonly remark: Mark["origin"] | undefined;
    }
  | { readonly type: "adoptApi"; readonly ref: Ref }
  | { readonly type: "publishConfigMap"; readonly why: string }
  | { readonly type: "publishSigningSecret"; readonly why: string }
  | { readonly type: "removeFormerConfigMap"; readonly name: string }
  | { readonly type: "removeFormerSecret"; readonly name: string }
  | { readonly type: "revokeGrant"; readonly ref: Ref }
  | { readonly type: "narrowGrant"; readonly ref: Ref; readonly change: GrantChange }
  | { readonly type: "removeApi"; readonly ref: Ref }
  | { readonly type: "releaseApi"; readonly ref: Ref | undefined }
  | { readonly type: "abandonApi" }
  | { readonly type: "removeFinalizer" };
