import type { Inventory, ListedApi, ListedClient, Ref } from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import { type Expressed, unexpressed } from "../unexpressed.ts";
import { apiFromServer } from "./api-bodies.ts";
import { clientFromApp } from "./client-bodies.ts";
import type { AppDocument, ClaimDocument } from "./documents.ts";
import { grantsBelow, type ServerDocuments } from "./inventory-grants.ts";
import { EVERY_CLIENT } from "./server-parts.ts";

export interface OktaDocuments {
  readonly servers: readonly ServerDocuments[];
  /** OpenID Connect applications. */
  readonly apps: readonly AppDocument[];
}

/** What is known beside the documents. */
export interface InventoryFacts {
  /** The operator's own client, which it never manages. */
  readonly ownClientId: string | undefined;
}

const APP_SETTINGS: Expressed = {
  // Only a login of people uses the others.
  known: [
    ...[
      "application_type",
      "grant_types",
      "response_types",
      "jwks",
      "consent_method",
      "issuer_mode",
      "wildcard_redirect",
    ],
    ...["idp_initiated_login", "participate_slo", "client_uri", "logo_uri", "tos_uri", "policy_uri", "redirect_uris"],
    ...[
      "post_logout_redirect_uris",
      "initiate_login_uri",
      "refresh_token",
      "preserve_consent",
      "email_magic_link_mode",
    ],
    ...["frontchannel_logout_session_required", "backchannel_authentication_request_signing_alg"],
  ],
  defaults: { network: { connection: "ANYWHERE" } },
};

/** Sorts what an org holds into what resources can stand for and what they cannot. */
export function inventoryOf({ servers, apps }: OktaDocuments, facts: InventoryFacts): Inventory {
  const all = apps.map((app) => ({ app, client: clientFromApp(app, undefined, new Date(0)) }));
  const machines = all.filter(({ client }) => client.isService);
  const login = new Set(all.filter(({ client }) => !client.isService).map(({ client }) => client.clientId));
  const refs = new Map(all.map(({ client }) => [client.clientId, client.ref]));
  const refOf = (included: string): Ref =>
    included === EVERY_CLIENT ? ALL_CLIENTS : (refs.get(included) ?? (included as Ref));
  return {
    apis: servers.map(listedApi),
    clients: machines.map(({ app, client }) => listedClient(app, client, facts)),
    grants: servers.flatMap((server) => grantsBelow(server, { isLogin: (id) => login.has(id), refOf })),
    loginClients: all.length - machines.length,
    unreadable: [],
  };
}

function listedApi({ server, parts }: ServerDocuments): ListedApi {
  const api = apiFromServer(server, parts, new Date(0));
  const claims = parts.claims ?? [];
  const inWords = claims.filter((claim) => !isExpressed(claim));
  const { claims: expressed, ...settings } = api.settings;
  return {
    ...api,
    // The spec's list is complete: one claim that it cannot say would be removed.
    settings:
      inWords.length > 0 ? settings : { ...settings, ...(expressed === undefined ? {} : { claims: expressed }) },
    beyond: [
      ...(server.audiences.length > 1 ? [`further audiences (${server.audiences.slice(1).join(", ")})`] : []),
      ...(server.status === "INACTIVE" ? ["status INACTIVE"] : []),
      ...(inWords.length > 0
        ? [`claims (${inWords.map(({ name }) => name).join(", ")}), so that no claim is exported`]
        : []),
      ...parts.scopes.filter(({ consent }) => consent === "REQUIRED").map(({ name }) => `consent of scope ${name}`),
    ],
  };
}

const isExpressed = ({ status, valueType, value, ...claim }: ClaimDocument): boolean =>
  status !== "INACTIVE" &&
  valueType === "EXPRESSION" &&
  (value ?? "") !== "" &&
  (claim as { readonly alwaysIncludeInToken?: boolean }).alwaysIncludeInToken !== false;

function listedClient(
  app: AppDocument,
  client: ReturnType<typeof clientFromApp>,
  { ownClientId }: InventoryFacts,
): ListedClient {
  return { ...client, beyond: beyondOf(app), refusal: refusalOf(app, client, ownClientId) };
}

function beyondOf({ settings, profile }: AppDocument): readonly string[] {
  const { oauthClient, notes } = settings ?? {};
  const others = (oauthClient?.grant_types ?? []).filter((type) => type !== "client_credentials");
  const values = Object.entries(profile ?? {}).filter(([, value]) => typeof value !== "string");
  const note = (notes as { readonly enduser?: string | null } | null | undefined)?.enduser ?? "";
  return [
    ...unexpressed(oauthClient ?? {}, APP_SETTINGS),
    ...(others.length === 0 ? [] : [`grant_types (${others.join(", ")})`]),
    ...values.map(([key]) => `profile.${key}`),
    ...(note === "" ? [] : ["notes.enduser"]),
  ];
}

function refusalOf(
  { credentials }: AppDocument,
  { clientId, authenticationMethod: method }: Pick<ListedClient, "clientId" | "authenticationMethod">,
  ownClientId: string | undefined,
): string | undefined {
  if (clientId === ownClientId) return "the operator itself uses it";
  if (method !== undefined) return undefined;
  const present = credentials?.oauthClient?.token_endpoint_auth_method ?? "";
  return `its authentication method ${JSON.stringify(present)} is not supported`;
}
