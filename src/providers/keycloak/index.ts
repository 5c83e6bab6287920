import { createMetadataCache, readKeys } from "../../oauth/public-documents.ts";
import type { Drift, Provider } from "../../ports/provider.ts";
import { createSerial } from "../../tenant/serial.ts";
import { believing } from "../answers.ts";
import type { ProviderDependencies } from "../dependencies.ts";
import { vendorAt } from "./answers.ts";
import { createApis } from "./apis.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { createClients } from "./clients.ts";
import type { KeycloakContext } from "./context.ts";
import { metadataPlaceOf, requestToken } from "./endpoints.ts";
import { createGrants } from "./grants.ts";
import { createIssuanceWriter } from "./issuance.ts";
import { readInventory } from "./read-inventory.ts";
import { markedObjects } from "./marked-objects.ts";
import { probe } from "./probe.ts";
import { excessRoles } from "./permissions.ts";
import { createRealmView } from "./realm-view.ts";
import { capabilitiesWith, createSecretOverlap } from "./secret-overlap.ts";
import { createSession } from "./session.ts";
import { connectionSettingsOf } from "./settings.ts";
import { createTokenSource } from "./token-source.ts";

export { problemOf, PUBLIC_KEYS } from "./settings.ts";
export { bucketsOf, DEFAULT_SHARE_PERCENT, isPerClientQuota, limitsOf } from "./limits.ts";

/** Reads that never saw a write of the operator for this long are believed. */
const SETTLE_MS = 10_000;

/** One realm: two listings read all of it, and every write is one request of the Admin REST API. Makes no request. */
export function createProvider(
  variant: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, string>>,
  { fetch, clock, isReadOnly, fingerprint, readServiceAccountToken }: ProviderDependencies,
): Provider {
  const settings = connectionSettingsOf(variant, credentials);
  const tokens = createTokenSource(settings, fetch, clock, readServiceAccountToken);
  const handlers: ((drift: Drift) => void)[] = [];
  const context: KeycloakContext = {
    settings,
    fetch,
    clock,
    session: createSession(settings, believing(fetch, vendorAt(settings.url)), tokens),
    ownClientId: () => tokens.clientId(),
    overlap: createSecretOverlap(clock),
    settleMs: SETTLE_MS,
    isReadOnly,
    fingerprint,
    onDrift: (drift) => {
      for (const handler of handlers) handler(drift);
    },
  };
  const view = createRealmView(context);
  const serial = createSerial();
  const issuance = createIssuanceWriter(context, view, serial);
  const documents = createMetadataCache(context, "Keycloak", "issuer");
  const metadata = () => documents.read(metadataPlaceOf(context));
  return {
    vendor: "keycloak",
    tenant: settings.issuer.replace(/^https:\/\//, ""),
    domain: new URL(settings.url).host,
    capabilities: capabilitiesWith(capabilitiesOf(settings), context.overlap),
    probe: async () => {
      const result = await probe(context);
      const excess = excessRoles(await tokens.token(), settings.realm, isReadOnly);
      if (result.missingPermissions.length > 0) tokens.drop(undefined, "permission");
      return { ...result, ...(excess === undefined ? {} : { excessPermissions: excess }) };
    },
    apis: createApis({ context, view, issuance }),
    clients: createClients({ context, view, serial }),
    grants: createGrants({ context, view, issuance }),
    organizations: undefined,
    metadata,
    sharedMetadata: metadata,
    requestToken: (request) => requestToken(context, request),
    fetchKeys: (jwksUri) => readKeys(fetch, "Keycloak", jwksUri),
    refresh: (notBefore) => view.refresh(notBefore),
    onDrift: (handler) => handlers.push(handler),
    refreshedAt: () => view.refreshedAt(),
    oldestReadAt: () => view.refreshedAt(),
    unreadable: () => [],
    inventory: () => readInventory(context),
    marked: (instance) => markedObjects(view.clients.all(), instance),
    close: () => {
      handlers.splice(0);
      tokens.forget();
    },
  };
}
