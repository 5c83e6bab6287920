import type { GrantChange, GrantOrganizations, ObservedGrant, Ref } from "../../ports/provider.ts";
import type { OutputView } from "../outputs/decide.ts";
import type { Abandonment, ProviderAccess } from "../access/provider-access.ts";
import type { BeyondConsent } from "../access/refused-organizations.ts";
import type { ScopesView } from "../access/requested-scopes.ts";

export interface Desired {
  readonly isAbsent: boolean;
  readonly isPaused: boolean;
  /** What not every provider has. */
  readonly asksFor: {
    readonly allClients: boolean;
    readonly organizations: boolean;
    readonly lifetimeSeconds: number | undefined;
  };
}

/** The client or the API, as far as a grant depends on it. */
export type PeerView =
  | { readonly state: "ready"; readonly ref: Ref }
  /**
   * There, and not usable yet. Its own status says why. `isRemote`: only the tenant knows, and tells nobody.
   * `isForeign`: what the tenant has in its place is somebody else's, so that nothing of it is published. `isUnderWay`: the
   * operator is about to make or change it. `isMissing`: only a person can provide it.
   */
  | {
      readonly state: "notReady";
      readonly message: string;
      readonly isRemote?: true;
      readonly isForeign?: true;
      readonly isUnderWay?: true;
      readonly isMissing?: true;
    }
  /** Not there or, across namespaces, not allowed: one answer for both. */
  | { readonly state: "refused"; readonly message: string; readonly reason?: "ProvidersDiffer" };

/** What all grants of this (client, API) pair request together: the provider holds one grant for the pair. */
export interface PairView {
  readonly audience: string;
  /** Union of the valid scopes of every grant of the pair that is not being deleted and has consent; sorted. */
  readonly scopes: readonly string[];
  /** One of them requests every scope, so that a remote grant of all is as good as a list. */
  readonly isAllScopes: boolean;
  /** Absent: none of them speaks of organizations, and nothing about them is sent. */
  readonly organizations?: GrantOrganizations;
  /** Unset if neither a ScopeGrant nor the OAuthApi sets it. */
  readonly lifetimeSeconds?: number;
  /** Whether any such grant is left; without one the remote grant goes. */
  readonly isWanted: boolean;
  /**
   * What consent allows the pair, whether it is requested or not. Absent while that is not known, and where nobody else
   * has to consent. `isWhole`: every scope that the API has or will have.
   */
  readonly allowed?: { readonly scopes: readonly string[]; readonly isWhole: boolean };
}

export interface OrganizationsView {
  /** Named by this resource, known at the tenant, and allowed to its namespace. */
  readonly known: readonly { readonly id: string; readonly name: string }[];
  /** Unknown at the tenant or not allowed. Messages do not say which. */
  readonly missing: readonly string[];
  /** The resource requests every organization, and its namespace may not have every one. */
  readonly isAnyRefused?: boolean;
}

export interface Observed {
  readonly hasFinalizer: boolean;
  readonly provider: ProviderAccess;
  readonly client: PeerView;
  readonly api: PeerView;
  readonly pair: PairView | undefined;
  /** An earlier ScopeGrant of the pair says otherwise: this one contributes nothing. */
  readonly conflict: { readonly field: string; readonly winner: string } | undefined;
  readonly organizations: OrganizationsView;
  /** What the remote grant has of organizations that consent does not allow, and that is not somebody else's. */
  readonly beyondConsent?: BeyondConsent | undefined;
  /** The resource names scopes of an API that no OAuthApi declares. */
  readonly isExternal: boolean;
  /** For messages: API and client, each as the beginning of a sentence, and the resource's namespace. */
  readonly names: {
    readonly api: string;
    readonly client: string;
    readonly namespace: string;
    /** The one of them whose provider counts. */
    readonly provided: string;
  };
  /** One side is known, or was. Otherwise no provider is known either, and what is missing is said first. */
  readonly isProviderNamed: boolean;
  /** Why grants are not taken away although consent was: too many at once. */
  readonly heldRevocation: string | undefined;
  readonly origin: "Made" | "Adopted";
  readonly isClientAdopted: boolean;
  /** Nothing was recorded of a remote grant yet. */
  readonly isNew: boolean;
  /** Scopes that resources were granted on this pair so far. */
  readonly owned: readonly string[];
  /** This grant's own part. */
  readonly own: ScopesView;
  readonly remote: { readonly kind: "unread" } | { readonly kind: "read"; readonly grant: ObservedGrant | undefined };
  readonly isNamespaceTerminating: boolean;
  /** The client's Secret already lists this grant with these scopes and organizations. */
  readonly isCarriedByClient: boolean;
  /** The Secret for this API alone, when the spec requests one; `notReady` while the credential is not there. */
  readonly secret: OutputView | "notReady" | undefined;
  readonly formerSecrets: readonly string[];
  /** Whether a deletion ends without the tenant. */
  readonly abandonment: Abandonment;
  /** Something may have been made at the tenant: without that a deletion needs nobody. */
  readonly mayHaveMade: boolean;
}

export type Action =
  | { readonly type: "addFinalizer" }
  | {
      readonly type: "createGrant";
      readonly client: Ref;
      readonly api: { readonly ref: Ref; readonly audience: string };
      readonly scopes: readonly string[];
      readonly organizations?: GrantOrganizations;
      readonly lifetimeSeconds?: number;
    }
  /** A grant that was there already on an adopted client. */
  | { readonly type: "adoptGrant"; readonly ref: Ref }
  | { readonly type: "removeDuplicateGrant"; readonly ref: Ref }
  | { readonly type: "updateGrant"; readonly ref: Ref; readonly change: GrantChange }
  | { readonly type: "removeGrant"; readonly ref: Ref; readonly why: "Deleted" | "ConsentWithdrawn" | "NothingGranted" }
  | { readonly type: "publishSecret"; readonly why: string }
  | { readonly type: "removeFormerSecret"; readonly name: string }
  | { readonly type: "abandonGrant" }
  | { readonly type: "removeFinalizer" };
