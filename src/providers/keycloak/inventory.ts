import type { Inventory, ListedApi, ListedClient, ListedGrant, ObservedClient } from "../../ports/provider.ts";
import type { RawClient, ScopeDocument } from "./documents.ts";
import { apisOf, assignedOf, grantOf } from "./granted.ts";
import { LIFESPAN, smallestLifetime } from "./issuance.ts";
import { isApi, observedApi } from "./observed-api.ts";
import { observedClient } from "./observed-client.ts";
import { type RealmClient, realmClientOf } from "./realm-client.ts";
import { realmScopeOf } from "./realm-scope.ts";
import { type RealmState, realmStateOf } from "./realm-state.ts";
import { beyondApi, beyondClient } from "./unexpressed-settings.ts";

/** What the Admin REST API lists. */
interface KeycloakDocuments {
  readonly clients: readonly RawClient[];
  readonly scopes: readonly ScopeDocument[];
}

/** What is known beside the documents. */
interface InventoryFacts {
  /** The operator's own client, which it never manages. */
  readonly ownClientId: string;
  /** Alias of the realm's identity provider for this cluster. Default: none. */
  readonly kubernetesIdentityProvider?: string | undefined;
}

interface Read {
  readonly raw: RawClient;
  readonly client: RealmClient;
  readonly observed: ObservedClient;
}

const NOW = new Date(0);
/** Secrets stay in the documents. */
const WITHOUT_SECRETS = { isReadOnly: true, fingerprint: () => "", clock: { now: () => NOW } };

/** What clients authenticate with is no part of an inventory. */
const ONE_SECRET = { isOffered: () => false, isRefused: () => false };

/** Sorts what a realm holds into what resources can stand for and what they cannot. */
export function inventoryOf(
  { clients, scopes }: KeycloakDocuments,
  { ownClientId, kubernetesIdentityProvider }: InventoryFacts,
): Inventory {
  const own = { clientId: ownClientId, kubernetesIdentityProvider };
  const all = clients.map((raw): Read => {
    const client = realmClientOf(raw, WITHOUT_SECRETS);
    return { raw, client, observed: observedClient(client, own, ONE_SECRET) };
  });
  const realm = realmStateOf(
    all.map(({ client }) => client),
    scopes.map((document) => realmScopeOf(document, NOW)),
  );
  const machines = all.filter(({ observed }) => observed.isService);
  return {
    apis: all.filter(({ client }) => isApi(realm, client)).map((read) => listedApi(read, realm, scopes, ownClientId)),
    clients: machines.map((read) => listedClient(read, realm, ownClientId)),
    // Those of clients that people log in through are theirs, no matter for whom the token is.
    grants: machines.flatMap(({ client }) => grantsOf(realm, client)),
    loginClients: all.filter(isForPeople).length,
    unreadable: [],
  };
}

/** Those of Keycloak itself apart. */
const isForPeople = ({ client, observed }: Read): boolean =>
  !observed.isSystem && !client.isBearerOnly && (client.logsPeopleIn || client.isPublic);

function listedApi(
  { raw, client }: Read,
  realm: RealmState,
  scopes: readonly ScopeDocument[],
  ownClientId: string,
): ListedApi {
  const names = new Set(realm.scopesOf(client.clientId).map(({ name }) => name));
  const own = scopes.filter(({ name }) => names.has(name));
  const api = observedApi(realm, client, ownClientId);
  // Keycloak lists client scopes in no order.
  return { ...api, scopes: [...api.scopes].sort(byName), beyond: beyondApi(raw, [...own].sort(byName)) };
}

const byName = (left: { readonly name: string }, right: { readonly name: string }): number =>
  left.name < right.name ? -1 : 1;

function listedClient({ raw, client, observed }: Read, realm: RealmState, ownClientId: string): ListedClient {
  return {
    ...observed,
    beyond: beyondClient(raw, realm),
    refusal: refusalOf(observed, client, ownClientId),
  };
}

function refusalOf(
  { authenticationMethod: method }: ObservedClient,
  { clientId, authenticator, attributes }: RealmClient,
  ownClientId: string,
): string | undefined {
  if (clientId === ownClientId) return "the operator itself uses it";
  if (method !== undefined) return undefined;
  const present = authenticator === "client-secret" ? attributes["client.secret.authentication.allowed.method"] : "";
  const name = present === undefined || present === "" ? authenticator : present;
  return `its authentication method ${JSON.stringify(name)} is not supported`;
}

function grantsOf(realm: RealmState, client: RealmClient): readonly ListedGrant[] {
  return apisOf(realm, client).flatMap((api): readonly ListedGrant[] => {
    const grant = grantOf(realm, client, api);
    if (grant === undefined) return [];
    const standing = assignedOf(realm, client, api).standing.map(({ name }) => name);
    return [
      {
        ...grant,
        lifetimeSeconds: grant.lifetimeSeconds ?? ownLifetime(client),
        beyond:
          standing.length === 0
            ? []
            : [`default client scopes (${standing.join(", ")}), so that every token of the client has them`],
        refusal: grant.scopes.length === 0 ? "it has no scopes" : undefined,
      },
    ];
  });
}

/** Of all tokens of a client whose grants say none. */
function ownLifetime({ attributes }: RealmClient): number | undefined {
  const seconds = attributes[LIFESPAN] ?? "";
  return smallestLifetime(attributes) === undefined && /^[1-9]\d{0,8}$/.test(seconds) ? Number(seconds) : undefined;
}
