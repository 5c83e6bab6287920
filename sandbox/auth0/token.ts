import { createHash } from "node:crypto";
import { sign } from "./access-token.ts";
import { authenticateByAssertion } from "./client-assertion.ts";
import { tokenError } from "./errors.ts";
import { organizationOf } from "./token-organization.ts";
import { takeQuota } from "./token-quota.ts";
import type { Client, Grant, ResourceServer } from "./state.ts";
import type { Tenant } from "./tenant.ts";

export interface TokenRequest {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The Authorization header, if any. */
  readonly authorization: string | undefined;
  /** Host that was asked: a custom domain is the issuer of what it gives out. */
  readonly host: string;
}

export interface TokenResponse {
  readonly access_token: string;
  readonly scope?: string;
  readonly expires_in: number;
  readonly token_type: "Bearer";
}

const unauthorized = () => tokenError(401, "access_denied", "Unauthorized");
const denied = (description: string) => tokenError(403, "access_denied", description);

/** The custom domain when that was asked, else the canonical one; with the slash at the end. */
export function issuerOf(tenant: Tenant, host: string): string {
  return `https://${host === tenant.customDomain ? host : tenant.domain}/`;
}

/** The vendor's order of judgement: client, grant type, audience, grant, scopes, organization, quota. */
export async function issueToken(tenant: Tenant, request: TokenRequest, nowMs: number): Promise<TokenResponse> {
  const { parameters } = request;
  const issuer = issuerOf(tenant, request.host);
  const client = await authenticate(tenant, request, issuer, nowMs);
  if (parameters["grant_type"] !== "client_credentials")
    throw tokenError(403, "unauthorized_client", "Grant type not allowed for the client.");
  if (!((client["grant_types"] as readonly string[] | undefined) ?? []).includes("client_credentials"))
    throw tokenError(403, "unauthorized_client", "Grant type 'client_credentials' not allowed for the client.", {
      error_uri: "https://auth0.com/docs/clients/client-grant-types",
    });
  const api = apiOf(tenant, parameters);
  const grant = grantOf(tenant, client, api);
  const scopes = grantedScopes(tenant, grant, api, parameters["scope"]);
  const organization = organizationOf(tenant, client, grant, parameters["organization"]);
  refuseWithoutProof(api);
  if (api["is_system"] !== true) takeQuota(tenant, client, organization, nowMs);
  const lifetime =
    api["is_system"] === true ? tenant.knobs.managementTokenSeconds : Number(api["token_lifetime"] ?? 86_400);
  const now = Math.floor(nowMs / 1000);
  const token = await sign(tenant, { client, api, scopes, organization, issuer, lifetime, now });
  const scope = scopes.join(" ");
  return { access_token: token, ...(scope === "" ? {} : { scope }), expires_in: lifetime, token_type: "Bearer" };
}

function apiOf({ state }: Tenant, parameters: TokenRequest["parameters"]): ResourceServer {
  const { settings } = state;
  const resource = settings["resource_parameter_profile"] === "compatibility" ? parameters["resource"] : undefined;
  const audience = [parameters["audience"], resource, settings["default_audience"]].find(
    (candidate): candidate is string => typeof candidate === "string" && candidate !== "",
  );
  if (audience === undefined) throw denied("Non-global clients are not allowed access to APIv1");
  const api = [...state.resourceServers.values()].find((candidate) => candidate.identifier === audience);
  if (api === undefined) throw denied(`Service not enabled within domain: ${audience}`);
  return api;
}

/** Not recorded: a tenant that requires proof of possession is taken to refuse a request without one. */
function refuseWithoutProof(api: ResourceServer): void {
  const proof = api["proof_of_possession"] as { required?: boolean; required_for?: string } | undefined;
  if (proof?.required === true && proof.required_for !== "public_clients")
    throw tokenError(400, "invalid_request", "Proof of possession is required for this API.");
}

/** The secret must come by the channel that the client is set to. */
function authenticate(
  tenant: Tenant,
  { parameters, authorization }: TokenRequest,
  issuer: string,
  nowMs: number,
): Client | Promise<Client> {
  if (parameters["client_assertion"] !== undefined) return authenticateByAssertion(tenant, parameters, issuer, nowMs);
  return authenticateBySecret(tenant, parameters, basicOf(authorization), nowMs);
}

function authenticateBySecret(
  tenant: Tenant,
  parameters: TokenRequest["parameters"],
  basic: ReturnType<typeof basicOf>,
  nowMs: number,
): Client {
  const { id, secret } = basic ?? { id: parameters["client_id"], secret: parameters["client_secret"] };
  const client = typeof id === "string" ? tenant.state.clients.get(id) : undefined;
  const method = basic === undefined ? "client_secret_post" : "client_secret_basic";
  if (client === undefined || typeof secret !== "string") throw unauthorized();
  if (client["client_authentication_methods"] !== undefined) throw unauthorized();
  if (!acceptsSecret(tenant, client, { secret, method }, nowMs)) throw unauthorized();
  return client;
}

function basicOf(authorization: string | undefined): { readonly id: string; readonly secret: string } | undefined {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString();
  const at = decoded.indexOf(":");
  const part = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));
  try {
    return { id: part(decoded.slice(0, at)), secret: part(decoded.slice(at + 1)) };
  } catch {
    // Not form-encoded, as RFC 6749 section 2.3.1 asks: some libraries send it so.
    throw unauthorized();
  }
}

/** For how long the tenant keeps to one of two secrets, where it takes one at a time. */
const SLICE_MS = 500;

/** In the propagation window either secret may be taken. */
function acceptsSecret(
  { state, knobs }: Tenant,
  client: Client,
  given: { readonly secret: string; readonly method: string },
  nowMs: number,
): boolean {
  const present = {
    secret: client.client_secret,
    method: client["token_endpoint_auth_method"] ?? "client_secret_post",
  };
  const former = state.formerSecrets.get(client.client_id);
  const isSame = (one: { readonly secret: unknown; readonly method: unknown }): boolean =>
    one.secret === given.secret && one.method === given.method;
  if (former === undefined || nowMs >= former.until) return isSame(present);
  if (knobs.secretPropagation === "both") return isSame(present) || isSame(former);
  return isSame(isFormerTurn(client.client_id, nowMs) ? former : present);
}

/** The same answer for everybody who asks in one slice of time, and no pattern over several. */
function isFormerTurn(clientId: string, nowMs: number): boolean {
  const digest = createHash("sha256")
    .update(`${clientId} ${String(Math.floor(nowMs / SLICE_MS))}`)
    .digest();
  return (digest[0] ?? 0) % 2 === 0;
}

function grantedScopes(tenant: Tenant, grant: Grant, api: ResourceServer, asked: unknown): readonly string[] {
  const declared = ((api["scopes"] ?? []) as readonly { value: string }[]).map((scope) => scope.value);
  const granted = grant["allow_all_scopes"] === true ? declared : (grant.scope ?? []);
  const wanted = typeof asked === "string" && asked.trim() !== "" ? asked.trim().split(/\s+/) : undefined;
  const missing = wanted?.filter((scope) => !granted.includes(scope)) ?? [];
  if (missing.length > 0) throw denied(`Client has not been granted scopes: ${missing.join(", ")}`);
  const result = wanted ?? granted;
  return tenant.knobs.intersectsDeclaredScopes ? result.filter((scope) => declared.includes(scope)) : result;
}

function grantOf(tenant: Tenant, client: Client, api: ResourceServer): Grant {
  const grant = [...tenant.state.grants.values()].find(
    (candidate) =>
      candidate.client_id === client.client_id &&
      candidate.audience === api.identifier &&
      candidate.subject_type === "client",
  );
  const policy = (api["subject_type_authorization"] as { client?: { policy?: string } } | undefined)?.client?.policy;
  if (grant !== undefined && policy !== "deny_all") return grant;
  throw denied(
    `Client "${client.client_id}" is not authorized to access resource server "${api.identifier}". You need to create a "client-grant" associated to this API.`,
  );
}
