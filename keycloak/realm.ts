import { generateKeyPair, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { Agent, fetch } from "undici";
import { ADMINISTRATOR } from "./distribution.ts";
import type { KeycloakAddress } from "./start.ts";

/** A client as the Admin REST API has it. */
export type Representation = Readonly<Record<string, unknown>>;

/** A realm with a client for an operator, and an administrator's hand. */
export interface Realm {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** One request to the Admin REST API as the server's administrator. `path` begins after the realm. Throws unless it is answered with 2xx. */
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  /** The client with this client ID. */
  client(clientId: string): Promise<Representation | undefined>;
  /** Every client that Keycloak did not create by itself, except the operator's. */
  clients(): Promise<readonly Representation[]>;
  /** Every client scope that Keycloak did not create by itself. */
  scopes(): Promise<readonly Representation[]>;
  remove(): Promise<void>;
}

const OPERATOR = { clientId: "m2m-operator", clientSecret: "not-a-real-secret-of-the-operator" } as const;

/** Role of the operator's client on the realm. */
const ROLES = ["manage-clients"];

/** Creates a realm of its own for the caller. Its name is one that no other has, unless `settings.realm` is another. */
export async function createRealm(
  address: KeycloakAddress,
  settings: Representation = {},
  roles: readonly string[] = ROLES,
): Promise<Realm> {
  const { realm: name = `t-${randomUUID().slice(0, 13)}` } = settings as { readonly realm?: string };
  const send = createAdministrator(address);
  const components = { "org.keycloak.keys.KeyProvider": await keyProviders() };
  await send("POST", "", { realm: name, enabled: true, components, ...operatorOf(roles), ...settings });
  const admin: Realm["admin"] = (method, path, body) => send(method, `/${name}${path}`, body);
  const builtIn = namesOf(await admin("GET", "/clients"), "clientId");
  const builtInScopes = namesOf(await admin("GET", "/client-scopes"), "name");
  const list = async (path: string): Promise<readonly Representation[]> =>
    (await admin("GET", path)) as Representation[];
  return {
    name,
    ...OPERATOR,
    admin,
    client: async (clientId) => (await list(`/clients?clientId=${encodeURIComponent(clientId)}`))[0],
    clients: async () => (await list("/clients")).filter(({ clientId }) => !builtIn.has(clientId)),
    scopes: async () => (await list("/client-scopes")).filter((scope) => !builtInScopes.has(scope["name"])),
    remove: async () => {
      await send("DELETE", `/${name}`);
      await send.close();
    },
  };
}

type KeyProvider = Representation & { readonly config: Readonly<Record<string, readonly string[]>> };

/**
 * The keys that a realm has by default. Keycloak would take longest of all to make the two RSA keys, so every realm of
 * this process gets the same ones.
 */
async function keyProviders(): Promise<readonly KeyProvider[]> {
  rsaKeys ??= Promise.all([rsaKey(), rsaKey()]);
  const [signing = "", encryption = ""] = await rsaKeys;
  return [
    { name: "rsa", providerId: "rsa", config: { privateKey: [signing], algorithm: ["RS256"] } },
    { name: "rsa-enc", providerId: "rsa-enc", config: { privateKey: [encryption], algorithm: ["RSA-OAEP"] } },
    { name: "hmac", providerId: "hmac-generated", config: { algorithm: ["HS512"] } },
    { name: "aes", providerId: "aes-generated", config: {} },
  ].map((provider) => ({ ...provider, config: { ...provider.config, priority: ["100"] } }));
}

let rsaKeys: Promise<readonly string[]> | undefined;

/** In PKCS #1, as one line of Base64. */
async function rsaKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs1", format: "der" }).toString("base64");
}

const namesOf = (list: unknown, member: string): ReadonlySet<unknown> =>
  new Set((list as readonly Representation[]).map((item) => item[member]));

/** As docs/keycloak.md tells an administrator to create it. */
const operatorOf = (roles: readonly string[]): Representation => ({
  clients: [
    {
      clientId: OPERATOR.clientId,
      secret: OPERATOR.clientSecret,
      ...{ protocol: "openid-connect", publicClient: false, serviceAccountsEnabled: true },
      ...{ standardFlowEnabled: false, implicitFlowEnabled: false, directAccessGrantsEnabled: false },
      ...{ fullScopeAllowed: true, clientAuthenticatorType: "client-secret" },
      ...{ defaultClientScopes: ["basic"], optionalClientScopes: [] },
    },
  ],
  users: [
    {
      username: `service-account-${OPERATOR.clientId}`,
      enabled: true,
      serviceAccountClientId: OPERATOR.clientId,
      clientRoles: { "realm-management": roles },
    },
  ],
});

interface Administrator {
  (method: string, path: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** Less than the lifetime of an access token of the realm master, in milliseconds. */
const TOKEN_MS = 30_000;

/** Uses a token again, unless it is older than a realm that was created: it does not know the roles on that one. */
function createAdministrator({ url, caPem }: KeycloakAddress): Administrator {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  const requestToken = async (): Promise<string> => {
    const { clientId, clientSecret } = ADMINISTRATOR;
    const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
    const body = new URLSearchParams(form);
    const endpoint = `${url}/realms/master/protocol/openid-connect/token`;
    const answer = await fetch(endpoint, { method: "POST", body, dispatcher });
    return ((await answer.json()) as { readonly access_token: string }).access_token;
  };
  let held: { readonly token: Promise<string>; readonly until: number } | undefined;
  const token = (): Promise<string> => {
    if (held === undefined || held.until < Date.now()) held = { token: requestToken(), until: Date.now() + TOKEN_MS };
    return held.token;
  };
  const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const headers = { authorization: `Bearer ${await token()}`, "content-type": "application/json" };
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${url}/admin/realms${path}`, { method, headers, dispatcher, ...init });
    const text = await answer.text();
    if (method === "POST" && path === "") held = undefined;
    if (!answer.ok) throw new Error(`${method} ${path} answered ${String(answer.status)}: ${text}`);
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  };
  return Object.assign(send, { close: () => dispatcher.close() });
}
