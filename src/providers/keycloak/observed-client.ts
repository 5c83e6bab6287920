import type { ObservedClient } from "../../ports/provider.ts";
import { clientMarkIn, metadataIn } from "./attributes.ts";
import { keysIn } from "./client-keys.ts";
import { secretRef } from "./client-secrets.ts";
import { subjectOf } from "./client-subjects.ts";
import type { SecretOverlap } from "./secret-overlap.ts";
import type { RealmClient } from "./realm-client.ts";
import type { KeycloakSettings } from "./settings.ts";
import { isSystemClient } from "./system-clients.ts";

/** What tells the operator's own client from others, and this cluster's service accounts from those of others. */
type OwnSettings = Pick<KeycloakSettings, "clientId" | "kubernetesIdentityProvider">;

/** The client as one that gets tokens. */
export function observedClient(
  client: RealmClient,
  { clientId: ownClientId, kubernetesIdentityProvider: alias }: OwnSettings,
  overlap: Pick<SecretOverlap, "isOffered" | "isRefused">,
): ObservedClient {
  const { attributes, hasServiceAccount, isEnabled, logsPeopleIn, isPublic, isBearerOnly } = client;
  const subject = subjectOf(client, alias);
  const method = subject === undefined ? methodOf(client) : "kubernetes";
  const isService = hasServiceAccount && !logsPeopleIn && !isPublic && !isBearerOnly;
  return {
    ref: client.ref,
    clientId: client.clientId,
    displayName: client.name,
    description: client.description === "" ? undefined : client.description,
    metadata: metadataIn(attributes),
    authenticationMethod: method,
    ...(subject === undefined ? {} : { subject }),
    mark: clientMarkIn(attributes),
    secrets: secretsOf(client, method, overlap.isOffered()),
    ...(overlap.isRefused(client.ref) ? { lacksSecretOverlap: true } : {}),
    keyRefs: method === "private_key_jwt" ? keysIn(attributes).map(({ ref }) => ref) : [],
    tokenQuota: undefined,
    defaultOrganization: undefined,
    isEnabled,
    isService,
    isServiceType: isService,
    isSystem: isSystemClient(client.clientId, ownClientId),
    readAt: client.readAt,
  };
}

/** Where a client names none, it may use either. `undefined`: one that no client of the operator can have. */
function methodOf({ authenticator, attributes }: RealmClient): ObservedClient["authenticationMethod"] {
  if (authenticator === "client-jwt") return "private_key_jwt";
  if (authenticator !== "client-secret") return undefined;
  const method = attributes["client.secret.authentication.allowed.method"] ?? "client_secret_basic";
  return method === "client_secret_basic" || method === "client_secret_post" ? method : undefined;
}

function secretsOf(
  { secretFingerprint: current, rotatedFingerprint: rotated }: RealmClient,
  method: string | undefined,
  overlaps: boolean,
): ObservedClient["secrets"] {
  if (method === "private_key_jwt" || method === "kubernetes") return [];
  if (current === undefined) return undefined;
  if (!overlaps) return [{ ref: undefined, fingerprint: current }];
  const prints = rotated === undefined ? [current] : [current, rotated];
  return prints.map((fingerprint) => ({ ref: secretRef(fingerprint), fingerprint }));
}
