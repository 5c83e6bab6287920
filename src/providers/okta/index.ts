import { createMetadataCache, readKeys } from "../../oauth/public-documents.ts";
import type { Drift, Provider, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { oldestOf } from "../../tenant/oldest.ts";
import { createSerial } from "../../tenant/serial.ts";
import type { ProviderDependencies } from "../dependencies.ts";
import { believing } from "../answers.ts";
import { reasonOf } from "../refused.ts";
import { OKTA } from "./answers.ts";
import { CAPABILITIES } from "./capabilities.ts";
import { createApis, createServerListing, type ListedServer } from "./apis.ts";
import { createAuthorization, neededScopes } from "./authorization.ts";
import { createAppListing, createClients } from "./clients.ts";
import { createSecrets } from "./client-secrets.ts";
import type { OktaContext } from "./context.ts";
import { timeOf } from "./documents.ts";
import { metadataPlaceOf, requestToken } from "./endpoints.ts";
import { removeGrantsOf, withdrawScope } from "./grant-changes.ts";
import type { ServerFacts } from "./grant-parts.ts";
import { createGrants } from "./grants.ts";
import { createScan } from "./scan.ts";
import { driftOf } from "./parts-drift.ts";
import { markedObjects } from "./marked-objects.ts";
import { readMarked } from "./marked-text.ts";
import { readInventory } from "./read-inventory.ts";
import { createSdk } from "./sdk.ts";
import { createPartsView } from "./server-parts.ts";
import { authorized, createSession } from "./session.ts";
import { connectionSettingsOf } from "./settings.ts";
import { createSweep } from "./sweep.ts";

export { inventoryOf } from "./inventory.ts";
export { problemOf, PUBLIC_KEYS } from "./settings.ts";
export { bucketsOf, DEFAULT_SHARE_PERCENT, isPerClientQuota, limitsOf } from "./limits.ts";

/** Reads that never saw a write of the operator for this long are believed. */
const SETTLE_MS = 10_000;

/** One Okta org: two listings, what is below each server read one by one, writes below one server one at a time. */
export function createProvider(
  variant: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, string>>,
  dependencies: ProviderDependencies,
): Provider {
  const handlers: ((drift: Drift) => void)[] = [];
  const context = contextOf(variant, credentials, dependencies, (drift) => {
    for (const handler of handlers) handler(drift);
  });
  const { clock, fetch, settings } = context;
  const serial = createSerial();
  const secrets = createSecrets(context);
  const servers = createServerListing(context);
  const apps = createAppListing(context, secrets);
  const listings = [servers, apps];
  const audienceOf = (server: Ref): string => servers.get(server)?.audiences[0] ?? "";
  const parts = createPartsView(context, (server, before, after) => {
    const clientRef = (clientId: string): Ref => apps.byIndex("clientId", clientId)[0]?.ref ?? (clientId as Ref);
    for (const drift of driftOf({ server, audience: audienceOf(server), clientRef }, before, after))
      context.onDrift(drift);
  });
  const allServers = async () => {
    await servers.ensure();
    return [...servers.all()].sort((a, b) => timeOf(a.created) - timeOf(b.created));
  };
  const clients = createClients({
    ...{ context, listing: apps, secrets },
    removeGrants: async (clientId) => {
      const refs = (await allServers()).map(({ id }) => id as Ref);
      await removeGrantsOf(context, parts, serial, refs, clientId);
    },
  });
  const scan = createScan({ context, servers, apps, parts, secrets });
  let isSwept = false;
  const sweep = createSweep({
    clock,
    allowedPerSecond: () => dependencies.allowedPerSecond("management"),
    targets: () => scan.targets(),
    onEnd: () => {
      // What every server holds is known for the first time, and so what each client has.
      if (!isSwept) for (const { ref } of apps.all()) context.onDrift({ kind: "client", ref, isFirstRead: true });
      isSwept = true;
    },
    onFailure: (key, error) => {
      context.warn("could not read part of the tenant, trying again with growing pauses", {
        what: nameOf(key),
        why: reasonOf(error),
      });
      // Anyone who waits for its first reading learns why there is none.
      if (servers.get(key) !== undefined) context.onDrift({ kind: "api", ref: key as Ref, isFirstRead: true });
    },
  });
  const nameOf = (key: string): string => {
    const server = servers.get(key);
    return server === undefined ? `app ${key}` : `authorization server ${server.name} (${key})`;
  };
  const isUnreadable = (server: Ref): boolean => sweep.failureOf(server) !== undefined;
  const startSweep = (notBefore: Date): void => {
    dependencies.inBackground(() => {
      sweep.start(notBefore);
    });
  };
  const documents = createMetadataCache(context, "Okta", "tokenEndpoint");
  const listedAt = () => listings.map((listing) => listing.listedAt());
  /** Of what was read; of what can be read and was not, undefined. */
  const serversReadAt = () =>
    servers.all().flatMap(({ id }) => {
      const readAt = parts.known(id as Ref)?.readAt;
      return readAt === undefined && isUnreadable(id as Ref) ? [] : [readAt];
    });
  return {
    vendor: "okta",
    tenant: settings.host,
    domain: settings.customDomain ?? settings.host,
    capabilities: CAPABILITIES,
    probe: async () => {
      const missingPermissions = await context.missingScopes();
      if (missingPermissions.length > 0) context.dropCredential();
      else {
        await Promise.all(listings.map((listing) => listing.ensure()));
        // Only what was never read.
        startSweep(new Date(0));
      }
      const { credential } = settings;
      return { missingPermissions, ownClientId: credential.kind === "key" ? credential.clientId : undefined };
    },
    apis: createApis({
      ...{ context, listing: servers, parts, serial, isUnreadable },
      withdrawScope: (server, scope) => withdrawScope(context, parts, server, scope),
    }),
    clients,
    grants: createGrants({
      ...{ context, parts, serial, isUnreadable },
      clientOf: (ref) => clients.get(ref),
      clientBy: (clientId) => clients.findByClientId(clientId),
      servers: async () => (await allServers()).map(serverFacts),
      serverBy: (ref) => {
        const server = servers.get(ref);
        return server === undefined ? undefined : serverFacts(server);
      },
    }),
    organizations: undefined,
    metadata: async (api) => {
      await servers.ensure();
      const server = servers.get(api) ?? (await context.session.read(() => servers.confirm(api)));
      if (server === undefined)
        throw new ProviderError("not_found", "The authorization server no longer exists at Okta.");
      return documents.read(metadataPlaceOf(context, server));
    },
    sharedMetadata: () => Promise.resolve(undefined),
    inventory: async () => readInventory(context, await allServers(), parts),
    requestToken: (request) => requestToken(context, request),
    fetchKeys: (jwksUri) => readKeys(fetch, "Okta", jwksUri),
    refresh: async (notBefore, about = []) => {
      await Promise.all(listings.map((listing) => listing.refresh(notBefore)));
      parts.keep((server) => servers.get(server) !== undefined);
      secrets.keep((app) => apps.get(app) !== undefined);
      for (const ref of about) await scan.readNow(ref, notBefore);
      startSweep(notBefore);
    },
    onDrift: (handler) => handlers.push(handler),
    refreshedAt: () => oldestOf(listedAt()),
    oldestReadAt: () => oldestOf([...listedAt(), ...serversReadAt()]),
    unreadable: () => sweep.failed().map((key) => ({ what: nameOf(key), why: reasonOf(sweep.failureOf(key)) })),
    marked: (instance) => markedObjects(apps.all(), servers.all(), parts, instance),
    close: () => {
      sweep.stop();
      handlers.splice(0);
      context.forgetCredential();
    },
  };
}

const serverFacts = ({ id, audiences, description }: ListedServer): ServerFacts => ({
  ref: id as Ref,
  audience: audiences[0] ?? "",
  mark: readMarked(description).mark,
});

type AdapterContext = OktaContext & {
  missingScopes(): Promise<readonly string[]>;
  dropCredential(): void;
  forgetCredential(): void;
};

function contextOf(
  variant: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, string>>,
  { fetch, clock, timeoutMs, settleMs, isReadOnly, fingerprint, warn }: ProviderDependencies,
  onDrift: OktaContext["onDrift"],
): AdapterContext {
  const settings = connectionSettingsOf(variant, credentials);
  const authorization = createAuthorization(settings, neededScopes(isReadOnly), fetch, clock);
  const send = believing(authorized(settings.orgUrl, fetch, authorization), OKTA);
  return {
    settings,
    fetch,
    clock,
    sdk: createSdk(settings.orgUrl, send),
    session: createSession(settings.orgUrl, send, authorization),
    settleMs: SETTLE_MS,
    outcomeMs: timeoutMs + settleMs,
    isReadOnly,
    fingerprint,
    warn,
    onDrift,
    missingScopes: () => authorization.missingScopes(),
    dropCredential: () => authorization.drop(undefined, "permission"),
    forgetCredential: () => {
      authorization.forget();
    },
  };
}
