import { randomUUID, type webcrypto } from "node:crypto";
import { type JWK, jwtVerify, SignJWT } from "jose";
import { managementError, tokenError } from "./errors.ts";
import { type Client, type Grant, type ResourceServer, textProperty } from "./state.ts";
import type { Tenant } from "./tenant.ts";

export interface TokenRequest {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The Authorization header, if any. */
  readonly authorization: string | undefined;
}

export interface TokenResponse {
  readonly access_token: string;
  readonly scope?: string;
  readonly expires_in: number;
  readonly token_type: "Bearer";
}

const unauthorized = () => tokenError(401, "access_denied", "Unauthorized");
const denied = (description: string) => tokenError(403, "access_denied", description);

/** The vendor's order of judgement: client, grant type, audience, grant, scopes. */
export async function issueToken(tenant: Tenant, request: TokenRequest, nowMs: number): Promise<TokenResponse> {
  const { parameters } = request;
  const client = authenticate(tenant, request, nowMs);
  if (parameters["grant_type"] !== "client_credentials")
    throw tokenError(403, "unauthorized_client", "Grant type not allowed for the client.");
  if (!((client["grant_types"] as readonly string[] | undefined) ?? []).includes("client_credentials"))
    throw tokenError(403, "unauthorized_client", "Grant type 'client_credentials' not allowed for the client.");
  const audience = parameters["audience"];
  if (typeof audience !== "string" || audience === "")
    throw denied("Non-global clients are not allowed access to APIv1");
  const api = [...tenant.state.resourceServers.values()].find((candidate) => candidate.identifier === audience);
  if (api === undefined) throw denied(`Service not enabled within domain: ${audience}`);
  const scopes = grantedScopes(tenant, client, api, parameters["scope"]);
  const lifetime =
    api["is_system"] === true ? tenant.knobs.managementTokenSeconds : Number(api["token_lifetime"] ?? 86_400);
  const token = await sign(tenant, client, api, scopes, lifetime, Math.floor(nowMs / 1000));
  const scope = scopes.join(" ");
  return { access_token: token, ...(scope === "" ? {} : { scope }), expires_in: lifetime, token_type: "Bearer" };
}

/** The secret must come by the channel that the client is set to. */
function authenticate(tenant: Tenant, { parameters, authorization }: TokenRequest, nowMs: number): Client {
  const basic = basicOf(authorization);
  const id = basic?.id ?? parameters["client_id"];
  const secret = basic?.secret ?? parameters["client_secret"];
  const client = typeof id === "string" ? tenant.state.clients.get(id) : undefined;
  const method = basic === undefined ? "client_secret_post" : "client_secret_basic";
  if (client === undefined || typeof secret !== "string") throw unauthorized();
  const expected = client["token_endpoint_auth_method"] ?? "client_secret_post";
  if (expected !== method || !acceptsSecret(tenant, client, secret, nowMs)) throw unauthorized();
  return client;
}

function basicOf(authorization: string | undefined): { readonly id: string; readonly secret: string } | undefined {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString();
  const at = decoded.indexOf(":");
  const part = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));
  return { id: part(decoded.slice(0, at)), secret: part(decoded.slice(at + 1)) };
}

/** In the propagation window either secret may be taken. */
function acceptsSecret({ state }: Tenant, client: Client, secret: string, nowMs: number): boolean {
  if (client.client_secret === secret) return true;
  const former = state.formerSecrets.get(client.client_id);
  return former !== undefined && former.secret === secret && nowMs < former.until;
}

function grantedScopes(tenant: Tenant, client: Client, api: ResourceServer, asked: unknown): readonly string[] {
  const declared = ((api["scopes"] ?? []) as readonly { value: string }[]).map((scope) => scope.value);
  const grant = grantOf(tenant, client, api);
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

async function sign(
  tenant: Tenant,
  client: Client,
  api: ResourceServer,
  scopes: readonly string[],
  lifetime: number,
  now: number,
): Promise<string> {
  const dialect = textProperty(api, "token_dialect") ?? "access_token";
  const isRfc9068 = dialect.startsWith("rfc9068");
  const algorithm = textProperty(api, "signing_alg") ?? "RS256";
  const [key] = tenant.keys;
  if (key === undefined) throw new Error("the tenant has no signing key");
  const claims = {
    ...(scopes.length > 0 ? { scope: scopes.join(" ") } : {}),
    ...(isRfc9068
      ? { client_id: client.client_id, jti: randomUUID() }
      : { gty: "client-credentials", azp: client.client_id }),
    ...(dialect.endsWith("_authz") && api["enforce_policies"] === true ? { permissions: scopes } : {}),
  };
  const token = new SignJWT(claims)
    .setIssuer(`https://${tenant.domain}/`)
    .setSubject(`${client.client_id}@clients`)
    .setAudience(api.identifier)
    .setIssuedAt(now)
    .setExpirationTime(now + lifetime);
  const typ = isRfc9068 ? "at+jwt" : "JWT";
  if (algorithm === "HS256")
    return token
      .setProtectedHeader({ alg: "HS256", typ })
      .sign(new TextEncoder().encode(String(api["signing_secret"])));
  return token.setProtectedHeader({ alg: algorithm, typ, kid: key.kid }).sign(await keyFor(key.privateKey, algorithm));
}

const converted = new WeakMap<webcrypto.CryptoKey, Map<string, webcrypto.CryptoKey>>();

/** A WebCrypto key is bound to one algorithm; the same RSA key signs with all of them. */
async function keyFor(key: webcrypto.CryptoKey, algorithm: string): Promise<webcrypto.CryptoKey> {
  if (algorithm === "RS256") return key;
  const known = converted.get(key) ?? new Map<string, webcrypto.CryptoKey>();
  converted.set(key, known);
  const existing = known.get(algorithm);
  if (existing !== undefined) return existing;
  const jwk = await crypto.subtle.exportKey("jwk", key);
  const { alg: _alg, key_ops: _ops, ...bare } = jwk;
  const parameters = {
    name: algorithm === "PS256" ? "RSA-PSS" : "RSASSA-PKCS1-v1_5",
    hash: algorithm === "RS512" ? "SHA-512" : "SHA-256",
  };
  const imported = await crypto.subtle.importKey("jwk", bare, parameters, false, ["sign"]);
  known.set(algorithm, imported);
  return imported;
}

export interface Bearer {
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
}

/** The token of a Management call: ours, for this API, not expired. */
export async function bearerOf(tenant: Tenant, authorization: string | undefined, nowMs: number): Promise<Bearer> {
  const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) throw managementError(401, "Missing authentication");
  const [key] = tenant.keys;
  if (key === undefined) throw new Error("the tenant has no signing key");
  let payload: Record<string, unknown>;
  try {
    const audience = `https://${tenant.domain}/api/v2/`;
    const publicKey = await publicKeyOf(key.publicJwk);
    ({ payload } = await jwtVerify(token, publicKey, { audience, currentDate: new Date(nowMs) }));
  } catch (error) {
    const isExpired = error instanceof Error && error.name === "JWTExpired";
    const message = isExpired ? "Expired token received for JSON Web Token validation" : "Invalid token";
    throw managementError(401, message);
  }
  if (Number(payload["iat"]) * 1000 < tenant.revokedBefore) throw managementError(401, "Invalid token");
  const scope = typeof payload["scope"] === "string" ? payload["scope"] : "";
  return { clientId: String(payload["azp"] ?? payload["client_id"]), scopes: new Set(scope.split(" ")) };
}

const publicKeys = new Map<string, Promise<webcrypto.CryptoKey>>();

function publicKeyOf(jwk: JWK): Promise<webcrypto.CryptoKey> {
  const kid = jwk.kid ?? "";
  const known = publicKeys.get(kid);
  if (known !== undefined) return known;
  const imported = crypto.subtle.importKey("jwk", jwk, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, false, [
    "verify",
  ]);
  publicKeys.set(kid, imported);
  return imported;
}
