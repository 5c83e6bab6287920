import { randomUUID } from "node:crypto";
import type { Mark } from "../../ports/mark.ts";
import type { ClientChange, ClientSpec, SecretMethod } from "../../ports/provider.ts";
import { clientMark, metadataChange } from "./attributes.ts";
import { authenticatedByKeys, withoutKeys } from "./client-keys.ts";
import { authenticatedBySubject, withoutSubject } from "./client-subjects.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { assertFits, assertMetadataFits } from "./lengths.ts";
import { withoutRotated } from "./rotated-secret.ts";
import { OTHER_GRANT_TYPES, type RealmClient } from "./realm-client.ts";

const METHOD = "client.secret.authentication.allowed.method";

/** Nobody can log in through it. `serviceAccountsEnabled` is the client-credentials grant. */
const SERVICE = {
  ...{ publicClient: false, bearerOnly: false, serviceAccountsEnabled: true },
  ...{ standardFlowEnabled: false, implicitFlowEnabled: false, directAccessGrantsEnabled: false },
};

const NO_OTHER_GRANTS = Object.fromEntries(OTHER_GRANT_TYPES.map((name) => [name, "false"]));

/** Each default of Keycloak's is too broad: the realm's default scopes would put `account` and roles into tokens. */
export function createBody(spec: ClientSpec, mark: Mark, credential: NewCredential): object {
  const authentication = authenticationOf(spec, credential);
  return {
    clientId: spec.clientId ?? randomUUID(),
    name: spec.displayName,
    description: spec.description ?? "",
    protocol: "openid-connect",
    enabled: spec.isEnabled ?? true,
    ...SERVICE,
    ...{ fullScopeAllowed: false, frontchannelLogout: false, redirectUris: [], webOrigins: [] },
    ...{ defaultClientScopes: ["basic"], optionalClientScopes: [] },
    ...authentication,
    attributes: { ...clientMark(mark), ...metadataChange(spec.metadata), ...authentication.attributes },
  };
}

/** What a client is created with beside its spec. */
export interface NewCredential {
  /** With a method that has one. */
  readonly secret: string | undefined;
  /** Of the realm's identity provider for this cluster. */
  readonly alias: string | undefined;
}

function authenticationOf(
  { authenticationMethod: method, publicKeys = [], subject }: ClientSpec,
  { secret, alias }: NewCredential,
) {
  if (method === "kubernetes") {
    if (alias !== undefined && subject !== undefined) return authenticatedBySubject(alias, subject);
    throw new ProviderError(
      "unsupported",
      "The provider object names no identity provider for this cluster. Ask its owner to set spec.keycloak.kubernetesIdentityProvider.",
    );
  }
  return secret === undefined || method === "private_key_jwt"
    ? authenticatedByKeys(publicKeys)
    : authenticatedBySecret(secret, method);
}

const authenticatedBySecret = (secret: string, method: SecretMethod) => ({
  clientAuthenticatorType: "client-secret",
  secret,
  attributes: { [METHOD]: method },
});

/** Replaces whatever the client authenticates with, in one request: also the second secret, where there can be one. */
export const secretBody = (secret: string, method: SecretMethod | undefined, overlaps: boolean): object => ({
  clientAuthenticatorType: "client-secret",
  secret,
  attributes: {
    ...withoutKeys(),
    ...withoutSubject(),
    ...(overlaps ? withoutRotated() : {}),
    ...(method === undefined ? {} : { [METHOD]: method }),
  },
});

/** Keycloak changes only what is sent, and of the attributes only those that are named. */
export function changeBody(present: RealmClient, change: ClientChange): object {
  const { authenticationMethod: method } = change;
  const attributes = {
    ...clientMark(change.mark),
    ...metadataChange(change.metadata),
    ...(method === undefined ? {} : { ...withoutKeys(), ...withoutSubject(), [METHOD]: method }),
    ...(change.restoreServiceType === true ? NO_OTHER_GRANTS : {}),
  };
  return {
    ...(change.displayName === undefined ? {} : { name: change.displayName }),
    ...(change.description === undefined ? {} : { description: change.description }),
    ...(method === undefined ? {} : { clientAuthenticatorType: "client-secret" }),
    ...(change.restoreServiceType === true ? SERVICE : {}),
    ...(change.isEnabled === undefined ? {} : { enabled: change.isEnabled }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes: onlyKnown(present, attributes) }),
  };
}

/** An attribute that is not there need not be removed. */
const onlyKnown = (
  { attributes }: RealmClient,
  change: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    Object.entries(change).filter(([name, value]) => value !== null || attributes[name] !== undefined),
  );

/** Throws `invalid` for what Keycloak would answer with 500. */
export function assertClientFits({ displayName, description, metadata, ...rest }: ClientChange | ClientSpec): void {
  const clientId = "clientId" in rest ? rest.clientId : undefined;
  assertFits({ "the client ID": clientId, "the display name": displayName, "the description": description });
  const attributes = metadataChange(metadata ?? {});
  assertMetadataFits(attributes);
}
