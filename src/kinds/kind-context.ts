import type { ProviderResource } from "./identity-provider/schema.ts";
import type { CreateTiming } from "../ownership/create-protocol.ts";
import type { EventRecorder, Namespaces, ObjectClient, ResourceClient } from "../ports/cluster.ts";
import type { ServiceAccounts } from "../ports/service-accounts.ts";
import type { Pods } from "../ports/pods.ts";
import type { Provider } from "../ports/provider.ts";
import type { ProviderFactory } from "../ports/provider-factory.ts";
import type { Connections } from "../tenant/connections.ts";
import type { Trouble } from "../ports/tenant-trouble.ts";
import type { ClusterIdentityProvider, IdentityProvider } from "./identity-provider/schema.ts";
import type { Resource } from "../ports/resource.ts";
import type { KeyPair } from "./m2m-client/credential/key-pair.ts";
import type { M2MClient } from "./m2m-client/schema.ts";
import type { RequestedRotations } from "./m2m-client/rotation/requested.ts";
import type { OAuthApi } from "./oauth-api/schema.ts";
import type { Verifications } from "./access/verifications.ts";
import type { SigningSecrets } from "./oauth-api/signing-secrets.ts";
import type { Outputs } from "./outputs/memory.ts";
import type { RememberedStates } from "./state-secret/memory.ts";
import type { RequestedReads } from "./status/requested-reads.ts";
import type { ScopeGrant } from "./scope-grant/schema.ts";

/** Everything a kind is given: ports, and the few facts of this installation. */
export interface KindContext {
  readonly resources: {
    readonly clusterIdentityProviders: ResourceClient<ClusterIdentityProvider>;
    readonly identityProviders: ResourceClient<IdentityProvider>;
    readonly oAuthApis: ResourceClient<OAuthApi>;
    readonly m2mClients: ResourceClient<M2MClient>;
    readonly scopeGrants: ResourceClient<ScopeGrant>;
  };
  readonly secrets: ObjectClient;
  readonly configMaps: ObjectClient;
  readonly namespaces: Namespaces;
  /** `undefined` where the operator is configured not to read Pods. */
  readonly pods: Pods | undefined;
  readonly serviceAccounts: ServiceAccounts;
  readonly events: EventRecorder;
  readonly connections: Connections;
  readonly providers: ProviderFactory;
  /** Called with every new connection, so that what the tenant changes can be watched. */
  onConnected(resource: ProviderResource, provider: Provider): void;
  /** Called for a rotation that cannot continue. */
  onRotationFailed(resource: Resource): void;
  /** Called when the tenant was read again, so that what waits for somebody to act there is reconciled. */
  onTenantRead(resource: ProviderResource): void;
  /** Called when a connection can be used for the first time or again, so that what waited for it is reconciled. */
  onUsable(resource: ProviderResource): void;
  /** Called after every failed try to use a tenant, so that deletions see whether they still have to wait. */
  onFailing(resource: ProviderResource, trouble: Trouble): void;
  readonly memory: ProcessMemory;
  readonly settings: KindSettings;
  /** 16 random hex characters. */
  nonce(): string;
  /** A fresh key pair for client assertions with this JWS algorithm. */
  makeKeyPair(algorithm: string): Promise<KeyPair>;
  /**
   * Keyed digest, 64 hex characters: comparable within the installation, also after a restart, and worthless to others.
   * Throws before this process leads.
   */
  fingerprint(value: string): string;
  /** SHA-256, hex. */
  sha256(text: string): string;
  readonly now: () => Date;
}

export interface KindSettings {
  readonly instanceId: string;
  /** When this process began to work on the tenant: before it, another may have written there. */
  readonly startedAt: Date;
  /** Where credentials Secrets of cluster-scoped providers live. */
  readonly operatorNamespace: string;
  /** Whether this operator works on cluster-scoped providers at all. */
  readonly clusterProviders: boolean;
  readonly createTiming: CreateTiming;
  /** How long a deletion waits for a credential that never comes back, in milliseconds. */
  readonly orphanAfterMs: number;
  /** Whether to recover what an earlier resource of the same name created. */
  readonly recover: boolean;
  /** This operator sees every namespace, so that a resource that it does not see does not exist. */
  readonly seesEveryNamespace: boolean;
  /** One withdrawal of consent that would revoke more grants than this waits for a confirmation. */
  readonly maxRevocations: number;
}

/** The grants that one withdrawal of consent would remove. */
export interface RevocationSet {
  /** The provider's ids of those that still stand. */
  readonly members: ReadonlySet<string>;
  /** How many there were when consent was withdrawn. */
  readonly size: number;
  /** Names the set in a confirmation: 16 hex characters. */
  readonly digest: string;
}

/** What one object no longer consents to. */
export interface PendingRevocations {
  /** One for each withdrawal, the oldest first. */
  readonly sets: readonly RevocationSet[];
  /** When they were put together, in milliseconds since the epoch. */
  readonly at: number;
}

/**
 * What this process knows beyond status: caches that may be lost at any time without harm. A fresh process learns it
 * again by reading. Each entry is forgotten with the object that it is about.
 */
export interface ProcessMemory {
  readonly outputs: Outputs;
  readonly states: RememberedStates;
  readonly signingSecrets: SigningSecrets;
  readonly requestedReads: RequestedReads;
  /** Withdrawals of consent that are not carried out yet, by the uid of the object that withdrew it. */
  readonly revocations: Map<string, PendingRevocations>;
  readonly verifications: Verifications;
  readonly requestedRotations: RequestedRotations;
}
