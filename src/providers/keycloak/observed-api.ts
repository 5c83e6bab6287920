import type { ObservedApi } from "../../ports/provider.ts";
import { apiMarkIn, shapeIn } from "./attributes.ts";
import { DEFAULT_ALGORITHM, OWN_PROFILE } from "./capabilities.ts";
import type { RealmClient } from "./realm-client.ts";
import type { RealmState } from "./realm-state.ts";
import { isSystemClient } from "./system-clients.ts";

/** Whether the client stands for an API: nobody can authenticate as it, or client scopes have it as their audience. */
export const isApi = (realm: RealmState, { isBearerOnly, attributes, clientId }: RealmClient): boolean =>
  isBearerOnly || apiMarkIn(attributes) !== undefined || realm.scopesOf(clientId).length > 0;

/** The API that the client stands for. */
export function observedApi(realm: RealmState, client: RealmClient, ownClientId: string): ObservedApi {
  const scopes = realm.scopesOf(client.clientId);
  return {
    ref: client.ref,
    audience: client.clientId,
    displayName: client.name === "" ? undefined : client.name,
    description: client.description === "" ? undefined : client.description,
    scopes: scopes.map(({ name, description }) => (description === "" ? { name } : { name, description })),
    tokens: shapeIn(client.attributes, { signingAlgorithm: DEFAULT_ALGORITHM, profile: OWN_PROFILE }),
    settings: {},
    mark: apiMarkIn(client.attributes),
    signingSecretFingerprint: undefined,
    isImpaired: scopes.some(({ isImpaired }) => isImpaired),
    isSystem: isSystemClient(client.clientId, ownClientId),
    readAt: client.readAt,
  };
}
