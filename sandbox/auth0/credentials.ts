import { createHash, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { PLANS } from "../limits.ts";
import { createCredential, parseBody, updateCredential } from "./bodies.ts";
import { invalidBody, managementError, notLicensed, tooManyEntities } from "./errors.ts";
import { type Client, type Credential, newId } from "./state.ts";
import type { Tenant } from "./tenant.ts";

/** Records that a client may hold, attached or not. */
const MAX_STORED = 4;

const noClient = () => managementError(404, "The client does not exist", "inexistent_client");
const noCredential = () => managementError(404, "The credential does not exist", "inexistent_credential");

const poolOf = ({ state }: Tenant, clientId: string): Credential[] => {
  if (!state.clients.has(clientId)) throw noClient();
  return state.credentials.get(clientId) ?? [];
};

/** Without the key itself, as every answer shows it. */
export function shownCredential({ spki: _spki, ...shown }: Credential): object {
  return shown;
}

export function listCredentials(tenant: Tenant, clientId: string): readonly object[] {
  return poolOf(tenant, clientId).map(shownCredential);
}

export function getCredential(tenant: Tenant, clientId: string, id: string): object {
  const credential = poolOf(tenant, clientId).find((candidate) => candidate.id === id);
  if (credential === undefined) throw noCredential();
  return shownCredential(credential);
}

export function postCredential(tenant: Tenant, clientId: string, body: unknown, nowMs: number): object {
  return shownCredential(addCredential(tenant, clientId, poolOf(tenant, clientId), body, nowMs));
}

/** Keys that come with the client that is being created need it too. */
export function addCredential(
  tenant: Tenant,
  clientId: string,
  pool: readonly Credential[],
  body: unknown,
  nowMs: number,
): Credential {
  const given = parseBody(createCredential, body);
  const limit = PLANS[tenant.plan].entities.credentials;
  if (limit === 0) throw notLicensed();
  if (pool.length >= MAX_STORED) throw managementError(400, "A client can have a maximum of 4 credentials.");
  const stored = [...tenant.state.credentials.values()].reduce((sum, list) => sum + list.length, 0);
  if (stored >= limit) throw tooManyEntities();
  const at = new Date(nowMs).toISOString();
  const { pem, parse_expiry_from_cert: parsesExpiry, expires_at: expiresAt, name, subject_dn: subject } = given;
  const expiry =
    expiresAt ?? (parsesExpiry === true || given.credential_type === "x509_cert" ? expiryOf(pem) : undefined);
  const credential: Credential = {
    id: newId.credential(),
    credential_type: given.credential_type,
    ...(subject === undefined ? {} : { subject_dn: subject }),
    ...materialOf(given),
    ...(name === undefined ? {} : { name }),
    created_at: at,
    updated_at: at,
    ...(expiry === undefined ? {} : { expires_at: new Date(expiry).toISOString() }),
  };
  if (credential.spki !== undefined && pool.some((other) => other.spki === credential.spki))
    throw managementError(400, "credentials contains public keys that already exist in client");
  tenant.state.credentials.set(clientId, [...pool, credential]);
  return credential;
}

interface Given {
  readonly credential_type: Credential["credential_type"];
  readonly pem?: string | undefined;
  readonly alg?: string | undefined;
  readonly kid?: string | undefined;
}

function materialOf({ credential_type: type, pem, alg, kid }: Given): Partial<Credential> {
  if (type === "cert_subject_dn") return {};
  if (pem === undefined) throw invalidBody("'Missing required property: pem'");
  if (type === "x509_cert") return { thumbprint_sha256: createHash("sha256").update(pem).digest("base64url") };
  const key = publicKeyOf(pem);
  return {
    spki: key.export({ type: "spki", format: "pem" }).toString(),
    kid: kid ?? thumbprintOf(key),
    alg: alg ?? "RS256",
  };
}

/** SPKI, PKCS1 or X.509; RSA of at least 2048 bits. */
function publicKeyOf(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = pem.includes("BEGIN CERTIFICATE") ? new X509Certificate(pem).publicKey : createPublicKey(pem);
  } catch {
    throw invalidBody("'Invalid PEM' on property pem");
  }
  const isStrong = key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
  if (!isStrong || pem.includes("PRIVATE")) throw invalidBody("'Invalid public key' on property pem");
  return key;
}

/** RFC 7638. */
function thumbprintOf(key: KeyObject): string {
  const { e, kty, n } = key.export({ format: "jwk" });
  return createHash("sha256").update(JSON.stringify({ e, kty, n })).digest("base64url");
}

function expiryOf(pem: string | undefined): string | undefined {
  return pem?.includes("BEGIN CERTIFICATE") === true ? new X509Certificate(pem).validTo : undefined;
}

export function patchCredential(tenant: Tenant, clientId: string, id: string, body: unknown, nowMs: number): object {
  const { expires_at: expiresAt } = parseBody(updateCredential, body);
  const credential = poolOf(tenant, clientId).find((candidate) => candidate.id === id);
  if (credential === undefined) throw noCredential();
  if (expiresAt === null) Reflect.deleteProperty(credential, "expires_at");
  else if (expiresAt !== undefined) credential.expires_at = new Date(expiresAt).toISOString();
  credential.updated_at = new Date(nowMs).toISOString();
  return shownCredential(credential);
}

export function deleteCredential(tenant: Tenant, clientId: string, id: string): void {
  const pool = poolOf(tenant, clientId);
  const client = tenant.state.clients.get(clientId);
  if (client !== undefined && attachedTo(client).includes(id))
    throw managementError(400, "The credential is in use by the client; detach it first.");
  tenant.state.credentials.set(
    clientId,
    pool.filter((credential) => credential.id !== id),
  );
}

interface Methods {
  readonly [method: string]: { readonly credentials?: readonly { readonly id?: string }[] } | undefined;
}

/** Ids of everything that the client's authentication refers to. */
export function attachedTo(client: Client, method?: string): readonly string[] {
  const methods = (client["client_authentication_methods"] ?? {}) as Methods;
  return Object.entries(methods)
    .filter(([name]) => method === undefined || name === method)
    .flatMap(([, slot]) => slot?.credentials ?? [])
    .map(({ id }) => id ?? "");
}
