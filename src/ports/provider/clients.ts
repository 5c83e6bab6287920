import type { Mark } from "../mark.ts";
import type { Ref } from "./ref.ts";

export type SecretMethod = "client_secret_basic" | "client_secret_post";
/** `kubernetes`: the workload sends a token of its Kubernetes service account as client assertion (RFC 7523), so that no credential exists. */
export type AuthenticationMethod = SecretMethod | "private_key_jwt" | "kubernetes";

/** A client (RFC 6749 section 2) that authenticates as itself and uses only the client-credentials grant. */
export interface Clients {
  /** By recorded ref. `undefined` means gone and was confirmed with a read of that one object. */
  get(ref: Ref): Promise<ObservedClient | undefined>;
  /**
   * By OAuth client ID. `undefined` means that no reading shows one. `since`: one that was there then is found, although
   * nothing was read since it was created.
   */
  findByClientId(clientId: string, since?: Date): Promise<ObservedClient | undefined>;
  /** Every client of the tenant, no matter who made it, those of people and the provider's own too. */
  list(): Promise<readonly ObservedClient[]>;
  /** Every client that carries a mark of this instance with this uid, from what was last read of the tenant. */
  findByOwner(instance: string, uid: string): Promise<readonly ObservedClient[]>;
  /** Every client that carries a mark of this instance for a resource of this kind, namespace and name. */
  findByObject(instance: string, object: string): Promise<readonly ObservedClient[]>;
  /** The same as `findByOwner`, from a reading that began at or after `notBefore`: settles an ambiguous create. */
  findByOwnerSince(instance: string, uid: string, notBefore: Date): Promise<readonly ObservedClient[]>;
  /** Client names are not unique: create is safe only under the create protocol. `ambiguous` when not known. */
  create(spec: ClientSpec, mark: Mark): Promise<CreatedClient>;
  /** Changes what is named and nothing else; a metadata key set to `null` is removed. Throws `not_found`. */
  update(ref: Ref, change: ClientChange): Promise<ObservedClient>;
  /** The client's current secret, read from the provider; `undefined` where it cannot be shown. */
  readSecret(ref: Ref): Promise<string | undefined>;
  /**
   * Replaces whatever the client authenticates with by one secret, in one step: a value of the operator, or one that the provider
   * chooses when `secret` is `undefined`. `method` changes with it. Returns the one in force.
   */
  replaceSecret(ref: Ref, secret: string | undefined, method?: SecretMethod): Promise<string>;
  /**
   * Registers a secret of the operator beside those that are there, all of which keep working; one that is registered already
   * is found again. Throws where the secrets may not be listed, since nothing could be ended then; `limit_reached`, naming the others, when there is no room and `insteadOf` names none that
   * may go first; `unsupported`, and nothing has changed, where `capabilities.secretOverlap` is not `full` or the client lacks it.
   */
  addSecret(ref: Ref, secret: string, insteadOf?: string): Promise<AddedSecret>;
  /**
   * Revokes one secret by the provider's ID. Resolves once the provider no longer shows it, and throws where the
   * secrets may not be listed. Only where `capabilities.secretOverlap` is `full`.
   */
  removeSecret(ref: Ref, secret: string): Promise<void>;
  /**
   * Revokes a secret of which only the value is known. `kept`: ids that are known to be of other secrets. Throws
   * `forbidden` where the provider does not show values and another secret than those may be this one.
   */
  removeSecretByValue(ref: Ref, value: string, kept: readonly string[]): Promise<void>;
  /**
   * Makes these, and no others, the keys that the client authenticates with (`private_key_jwt`). Keys that are
   * registered already are kept; what the client used before is removed. At least one.
   */
  setPublicKeys(ref: Ref, keys: readonly PublicKey[]): Promise<readonly RegisteredKey[]>;
  /**
   * Registers a key beside those that the client has. Throws `limit_reached`, naming the others, when it can have no more
   * and `insteadOf` names none that may go first.
   */
  addPublicKey(ref: Ref, key: PublicKey, insteadOf?: string): Promise<RegisteredKey>;
  /** Revokes one key by its ID at the provider. Succeeds when it is already gone. */
  removePublicKey(ref: Ref, key: string): Promise<void>;
  /** Clients that authenticate with service accounts. Absent where the provider knows none. */
  readonly subjects?: Subjects;
  /** Deletes the client and its grants. */
  remove(ref: Ref): Promise<void>;
}

/**
 * Clients that authenticate with tokens of Kubernetes service accounts. `subject`: `sub` of such a token,
 * `system:serviceaccount:NAMESPACE:NAME`.
 */
export interface Subjects {
  /** Every client of the tenant that has this subject, no matter who made it, from what was last read of the tenant. */
  findBy(subject: string): Promise<readonly ObservedClient[]>;
  /**
   * Replaces whatever the client authenticates with by tokens of this subject, in one step. A client that has it already
   * is left unchanged. Throws `disputed`, naming the other, when another client has the subject: the provider could not
   * tell the two apart.
   */
  set(ref: Ref, subject: string): Promise<void>;
}

export interface ClientSpec {
  /** The id to create it with, where that can be chosen. */
  readonly clientId?: string;
  readonly displayName: string;
  readonly description?: string;
  /** The user's own metadata, without the mark. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly authenticationMethod: AuthenticationMethod;
  /** With `private_key_jwt`: what it authenticates with. */
  readonly publicKeys?: readonly PublicKey[];
  /** With `kubernetes`: `sub` of the service account's tokens. */
  readonly subject?: string;
  readonly tokenQuota?: TokenQuota;
  /** Id of the organization that tokens are bound to when none is requested. */
  readonly defaultOrganization?: string;
  /** Absent: enabled. A client that is not keeps its id and credentials and gets no tokens. */
  readonly isEnabled?: boolean;
}

/** RFC 7517, as PEM (SubjectPublicKeyInfo). */
export interface PublicKey {
  /** `kid`; the RFC 7638 thumbprint unless somebody chose another. */
  readonly keyId: string;
  readonly pem: string;
  /** JWS algorithm of the assertions. */
  readonly algorithm: string;
}

/** A secret, without its value. */
export interface ObservedSecret {
  /** The provider's own id of it; `undefined` where it has none. */
  readonly ref: string | undefined;
  /** Keyed fingerprint; `undefined` where the provider does not show the value. */
  readonly fingerprint: string | undefined;
}

export interface AddedSecret {
  /** The provider's own id of it. */
  readonly ref: string;
  /** Ids of the others that work beside it. */
  readonly others: readonly string[];
}

export interface RegisteredKey {
  /** The provider's own id of the registration. */
  readonly ref: string;
  readonly keyId: string;
}

export interface TokenQuota {
  /** Tokens per hour; absent: no limit. */
  readonly perHour?: number;
  readonly perDay?: number;
  /** `false`: exceeding is only logged at the provider. */
  readonly enforce?: boolean;
}

export interface ClientChange {
  readonly displayName?: string;
  /** Empty text removes the description. */
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string | null>>;
  /** Only methods with a secret: keys come by `setPublicKeys`, a service account by `subjects`. */
  readonly authenticationMethod?: SecretMethod;
  readonly tokenQuota?: TokenQuota;
  /** `null` removes it. */
  readonly defaultOrganization?: string | null;
  readonly isEnabled?: boolean;
  /** Restores a client that was changed by hand to one that uses only the client-credentials grant. */
  readonly restoreServiceType?: true;
  /** `null` removes our mark (deletion policy Retain). */
  readonly mark?: Mark | null;
}

export interface ObservedClient {
  readonly ref: Ref;
  readonly clientId: string;
  readonly displayName: string;
  readonly description: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly authenticationMethod: AuthenticationMethod | undefined;
  /** With `kubernetes`: `sub` of the tokens that it authenticates with. */
  readonly subject?: string | undefined;
  readonly mark: Mark | undefined;
  /** The secrets in force; `undefined` while they were not read. Empty with `private_key_jwt` and `kubernetes`. */
  readonly secrets: readonly ObservedSecret[] | undefined;
  /**
   * Ids of the keys it authenticates with; empty unless the method is `private_key_jwt`. `undefined` where the provider does
   * not show them to the operator's credential: the method is not known then either.
   */
  readonly keyRefs: readonly string[] | undefined;
  /** This client has one secret at a time, although `capabilities.secretOverlap` is `full`. */
  readonly lacksSecretOverlap?: true;
  readonly tokenQuota: TokenQuota | undefined;
  readonly defaultOrganization: string | undefined;
  /** Whether it may use the client-credentials grant type. */
  readonly isEnabled: boolean;
  /** It is enabled and may not use that grant type. Only where enabling is something else. */
  readonly lacksGrantType?: true;
  /** Made for machines: no person can log in through it with its present settings. */
  readonly isService: boolean;
  /** A service client that may use the client-credentials grant type and no other. */
  readonly isServiceType: boolean;
  /** The provider's own, a third party's, or the operator's: never touched. */
  readonly isSystem: boolean;
  readonly readAt: Date;
}

/** The one value that holds a secret: its requester writes it to the state Secret and forgets it. */
export interface CreatedClient {
  readonly client: ObservedClient;
  /** `undefined` when the provider did not show the secret it chose. */
  readonly clientSecret: string | undefined;
  /** What became of `spec.publicKeys`. */
  readonly keys: readonly RegisteredKey[];
}
