import { randomUUID, type webcrypto } from "node:crypto";
import { SignJWT } from "jose";
import { type Client, type Organization, type ResourceServer, textProperty } from "./state.ts";
import type { Tenant } from "./tenant.ts";

export interface TokenContent {
  readonly client: Client;
  readonly api: ResourceServer;
  readonly scopes: readonly string[];
  readonly organization: Organization | undefined;
  readonly issuer: string;
  readonly lifetime: number;
  /** Unix seconds. */
  readonly now: number;
}

/** A real signed token in the API's dialect. */
export async function sign(tenant: Tenant, content: TokenContent): Promise<string> {
  const { client, api, issuer, lifetime, now } = content;
  const dialect = textProperty(api, "token_dialect") ?? "access_token";
  const isRfc9068 = dialect.startsWith("rfc9068");
  const algorithm = textProperty(api, "signing_alg") ?? "RS256";
  const key = tenant.keys.find(({ role }) => role === "current");
  if (key === undefined) throw new Error("the tenant has no signing key");
  const claims = claimsOf(tenant, content, isRfc9068, dialect.endsWith("_authz"));
  const token = new SignJWT(claims)
    .setIssuer(issuer)
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

function claimsOf(
  tenant: Tenant,
  { client, api, scopes, organization }: TokenContent,
  isRfc9068: boolean,
  hasPermissions: boolean,
): Record<string, unknown> {
  const namesAllowed = tenant.state.settings["allow_organization_name_in_authentication_api"] === true;
  return {
    ...(scopes.length > 0 ? { scope: scopes.join(" ") } : {}),
    ...(isRfc9068
      ? { client_id: client.client_id, jti: randomUUID() }
      : { gty: "client-credentials", azp: client.client_id }),
    ...(organization === undefined ? {} : { org_id: organization.id }),
    ...(organization !== undefined && namesAllowed ? { org_name: organization.name } : {}),
    ...(hasPermissions && api["enforce_policies"] === true ? { permissions: scopes } : {}),
  };
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
