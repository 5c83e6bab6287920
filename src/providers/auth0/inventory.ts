import type { Inventory, ListedApi, ListedClient, ListedGrant } from "../../ports/provider.ts";
import { type Expressed, type RawDocument, unexpressed } from "../unexpressed.ts";
import { apiFromDocument } from "./apis.ts";
import { clientFromDocument } from "./clients.ts";
import { apiDocument, type ApiDocument, clientDocument, type ClientDocument, grantDocument } from "./documents.ts";
import { grantFromDocument } from "./grants.ts";

/** What the Management API lists, with every member. */
export interface Auth0Documents {
  readonly resourceServers: readonly RawDocument[];
  readonly clients: readonly RawDocument[];
  readonly clientGrants: readonly RawDocument[];
}

/** What is known beside the documents. */
export interface InventoryFacts {
  /** The operator's own client, which it never manages. */
  readonly ownClientId: string | undefined;
  /** Whether the documents of clients have their keys. */
  readonly areKeysShown: boolean;
}

const API: Expressed = {
  known: [
    ...["id", "identifier", "name", "is_system", "scopes", "token_lifetime", "token_lifetime_for_web", "signing_alg"],
    ...["token_dialect", "signing_secret", "subject_type_authorization", "proof_of_possession", "enforce_policies"],
    ...["allow_offline_access", "allow_online_access", "skip_consent_for_verifiable_first_party_clients"],
  ],
  defaults: {},
};

const CLIENT: Expressed = {
  known: [
    ...[
      "client_id",
      "name",
      "description",
      "app_type",
      "grant_types",
      "token_endpoint_auth_method",
      "tenant",
      "global",
    ],
    ...["client_metadata", "client_secret", "is_first_party", "token_quota", "default_organization", "owners"],
    ...["client_authentication_methods", "signing_keys", "encryption_key"],
    // Only a login of people uses them.
    ...[
      "oidc_conformant",
      "sso",
      "sso_disabled",
      "cross_origin_auth",
      "cross_origin_authentication",
      "cross_origin_loc",
    ],
    ...["callback_url_template", "custom_login_page_on", "jwt_configuration", "refresh_token", "native_social_login"],
    ...["session_transfer", "organization_discovery_methods", "oidc_logout", "async_approval_notification_channels"],
  ],
  defaults: { organization_usage: "deny", organization_require_behavior: "no_prompt", compliance_level: "none" },
};

const GRANT: Expressed = {
  known: [
    ...["id", "client_id", "audience", "scope", "subject_type", "is_system", "allow_all_scopes", "default_for"],
    ...["organization_usage", "allow_any_organization"],
  ],
  defaults: {},
};

const NOW = new Date(0);
const clock = { now: () => NOW };
const fingerprint = (): string => "";

/** Sorts what the Management API lists into what resources can stand for and what they cannot. */
export function inventoryOf(documents: Auth0Documents, facts: InventoryFacts): Inventory {
  const apis = readable(documents.resourceServers, apiDocument, "resource server");
  const all = readable(documents.clients, clientDocument, "client");
  const read = all.read.filter(({ document }) => document.global !== true);
  const machines = read.filter(({ document }) => observed(document, facts).isService);
  const ids = new Set(machines.map(({ document }) => document.client_id));
  const known = new Set(read.map(({ document }) => document.client_id));
  const grants = readable(documents.clientGrants, grantDocument, "client grant");
  return {
    apis: apis.read.map(({ document, raw }) => listedApi(document, raw)),
    clients: machines.map(({ document, raw }) => listedClient(document, raw, facts)),
    // Those of clients that people log in through are theirs, no matter for whom the token is.
    grants: grants.read
      .filter(({ document: { client_id: id } }) => id == null || ids.has(id) || !known.has(id))
      .map(({ document, raw }) => listedGrant(grantFromDocument(document, undefined, NOW), raw)),
    loginClients: read.length - machines.length,
    unreadable: [...apis.failed, ...all.failed, ...grants.failed],
  };
}

interface Read<T> {
  readonly read: readonly { readonly document: T; readonly raw: RawDocument }[];
  readonly failed: readonly string[];
}

/** Whatever lists them, a document of another shape is named and left out. */
function readable<T>(
  documents: readonly RawDocument[],
  schema: { safeParse(raw: unknown): { success: true; data: T } | { success: false } },
  what: string,
): Read<T> {
  const parsed = documents.map((raw) => ({ raw, result: schema.safeParse(raw) }));
  return {
    read: parsed.flatMap(({ raw, result }) => (result.success ? [{ raw, document: result.data }] : [])),
    failed: parsed.flatMap(({ raw, result }) => (result.success ? [] : [`${what} ${nameIn(raw)} cannot be read`])),
  };
}

const nameIn = ({ name, identifier, id }: RawDocument): string => JSON.stringify(name ?? identifier ?? id ?? "?");

function observed(document: ClientDocument, { ownClientId, areKeysShown }: InventoryFacts) {
  const { client_secret: _secret, ...rest } = document;
  const isShown = areKeysShown || document.client_authentication_methods != null;
  return clientFromDocument(rest, { clock, fingerprint, settings: { clientId: ownClientId ?? "" } }, isShown);
}

function listedApi(document: ApiDocument, raw: RawDocument): ListedApi {
  const { signing_secret: _secret, ...rest } = document;
  const api = apiFromDocument(rest, { clock, fingerprint });
  // Without the permissions claim, the spec has no word for role-based access control.
  const isBeyond = raw["enforce_policies"] === true && api.tokens.permissions !== "Include";
  return { ...api, beyond: [...unexpressed(raw, API), ...(isBeyond ? ["enforce_policies"] : [])] };
}

function listedClient(document: ClientDocument, raw: RawDocument, facts: InventoryFacts): ListedClient {
  const client = observed(document, facts);
  const others = (document.grant_types ?? []).filter((type) => type !== "client_credentials");
  const types = others.length === 0 ? [] : [`grant_types (${others.join(", ")})`];
  const quota = document.token_quota?.client_credentials;
  const isQuotaEmpty = quota != null && quota.per_hour == null && quota.per_day == null;
  const texts = Object.entries(document.client_metadata ?? {}).filter(([, value]) => typeof value !== "string");
  const metadata = texts.map(([key]) => `client_metadata.${key}`);
  const { tokenQuota, ...rest } = client;
  return {
    ...{ ...rest, tokenQuota: isQuotaEmpty ? undefined : tokenQuota },
    beyond: [...unexpressed(raw, CLIENT), ...types, ...metadata],
    refusal: refusalOf(client, document, facts),
  };
}

function refusalOf(
  { authenticationMethod: method, keyRefs }: Pick<ListedClient, "authenticationMethod" | "keyRefs">,
  document: ClientDocument,
  { ownClientId }: InventoryFacts,
): string | undefined {
  if (document.client_id === ownClientId) return "the operator itself uses it";
  if (document.is_first_party === false) return "it belongs to a third party";
  const isHidden = keyRefs === undefined && document.token_endpoint_auth_method == null;
  if (method !== undefined || isHidden) return undefined;
  return `its authentication method ${JSON.stringify(document.token_endpoint_auth_method ?? "")} is not supported`;
}

function listedGrant(grant: ReturnType<typeof grantFromDocument>, raw: RawDocument): ListedGrant {
  return { ...grant, beyond: unexpressed(raw, GRANT), refusal: grantRefusal(grant, raw) };
}

function grantRefusal(grant: ReturnType<typeof grantFromDocument>, raw: RawDocument): string | undefined {
  if (raw["client_id"] == null) return `it is for ${String(raw["default_for"])}, not for one client`;
  if (grant.isForeign === true) return "it is on behalf of users";
  if (grant.isSystem) return "it belongs to Auth0";
  return grant.scopes.length === 0 && !grant.allScopes ? "it has no scopes" : undefined;
}
