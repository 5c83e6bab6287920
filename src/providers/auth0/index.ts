import { createMetadataCache, readKeys } from "../../oauth/public-documents.ts";
import type { Drift, Provider } from "../../ports/provider.ts";
import type { ProviderDependencies } from "../dependencies.ts";
import { believing } from "../answers.ts";
import { createListings } from "../listings.ts";
import { AUTH0 } from "./answers.ts";
import { CAPABILITIES } from "./capabilities.ts";
import { createApis } from "./apis.ts";
import { createClients } from "./clients.ts";
import type { Auth0Context } from "./context.ts";
import { metadataPlaceOf, requestToken } from "./endpoints.ts";
import { createGrants } from "./grants.ts";
import { createOrganizations } from "./organizations.ts";
import { excessPermissions, neededPermissions } from "./permissions.ts";
import { readInventory } from "./read-inventory.ts";
import { sdkFetch } from "./sdk-fetch.ts";
import { createSession } from "./session.ts";
import { connectionSettingsOf } from "./settings.ts";
import { createTokenSource } from "./token-source.ts";

export { inventoryOf } from "./inventory.ts";
export { problemOf, PUBLIC_KEYS } from "./settings.ts";
export { bucketsOf, DEFAULT_SHARE_PERCENT, isPerClientQuota, limitsOf } from "./limits.ts";

/** Reads that never saw a write of the operator for this long are believed. */
const SETTLE_MS = 10_000;

/** One Auth0 tenant through the SDK's sub-clients, three shared listings and our own token. Makes no request. */
export function createProvider(
  variant: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, string>>,
  dependencies: ProviderDependencies,
): Provider {
  const settings = connectionSettingsOf(variant, credentials);
  const { clock, fetch, fingerprint, timeoutMs } = dependencies;
  const tokens = createTokenSource(settings, fetch, clock);
  const handlers: ((drift: Drift) => void)[] = [];
  const context: Auth0Context = {
    settings,
    fetch,
    clock,
    tokens,
    session: createSession(tokens, settings.clientId),
    options: {
      baseUrl: `https://${settings.domain}/api/v2`,
      token: () => tokens.token(),
      fetch: sdkFetch(believing(fetch, AUTH0)),
      maxRetries: 0,
      // Ours is shorter and is measured from when the request is sent, not from when it began to wait.
      timeoutInSeconds: Math.ceil(timeoutMs / 1000) + 3600,
    },
    settleMs: SETTLE_MS,
    isReadOnly: dependencies.isReadOnly,
    fingerprint,
    warn: dependencies.warn,
    onDrift: (drift) => {
      for (const handler of handlers) handler(drift);
    },
  };
  const { grants, listing: grantListing, unreadable: unreadableLinks, organizationsOf } = createGrants(context);
  // Auth0 deletes the grants of what is deleted; the view must know before the next listing shows it.
  const forgetGrants = (index: "holder" | "audience", value: string): void => {
    for (const grant of grantListing.byIndex(index, value)) grantListing.drop(grant.ref);
  };
  const { apis, listing: apiListing } = createApis(context, (audience) => {
    forgetGrants("audience", audience);
  });
  const { clients, listing: clientListing } = createClients(context, (client) => {
    forgetGrants("holder", client);
  });
  const organizations = createOrganizations(context);
  const documents = createMetadataCache(context, "Auth0", "issuer");
  const metadata = () => documents.read(metadataPlaceOf(context));
  const listings = createListings(
    { "resource servers": apiListing, clients: clientListing, "client grants": grantListing },
    (refused) => {
      context.warn("could not list part of the tenant, continuing with the rest", { ...refused });
    },
  );
  return {
    vendor: "auth0",
    tenant: settings.domain,
    domain: settings.customDomain ?? settings.domain,
    capabilities: CAPABILITIES,
    probe: async () => {
      const scopes = await tokens.scopes();
      const missingPermissions = neededPermissions(dependencies.isReadOnly).filter(
        (permission) => !scopes.has(permission),
      );
      if (missingPermissions.length > 0) tokens.drop(undefined, "permission");
      return {
        missingPermissions,
        excessPermissions: excessPermissions(scopes, dependencies.isReadOnly),
        ownClientId: settings.clientId,
      };
    },
    apis,
    clients,
    grants,
    organizations,
    metadata,
    sharedMetadata: metadata,
    requestToken: (request) => requestToken(context, request),
    fetchKeys: (jwksUri) => readKeys(fetch, "Auth0", jwksUri),
    refresh: async (notBefore) => {
      organizations.forgetMissing();
      await listings.refresh(notBefore);
    },
    onDrift: (handler) => handlers.push(handler),
    refreshedAt: () => listings.refreshedAt(),
    oldestReadAt: () => listings.oldestReadAt(),
    marked: (instance) =>
      clientListing
        .all()
        .flatMap(({ ref, displayName: name, mark }) =>
          mark?.instance === instance ? [{ kind: "client", ref, name, mark }] : [],
        ),
    inventory: () => readInventory(context, organizationsOf),
    unreadable: () => [...listings.unreadable(), ...unreadableLinks()],
    close: () => {
      handlers.splice(0);
      tokens.forget();
    },
  };
}
