import type { Sandbox } from "../../sandbox/start.ts";
import type { Mark } from "../../src/ports/mark.ts";
import type { ObservedApi, ObservedClient, ObservedGrant, Provider, PublicKey } from "../../src/ports/provider.ts";

export type Vendor = "auth0" | "okta";

export const AUDIENCE = "https://answers.example.com/";
export const ORGANIZATION = "org_0123456789abcdef";
const SECRET = "not-a-real-secret-that-is-long-enough-for-everybody";
export const MARK: Mark = {
  ...{ instance: "contract", object: "0123456789abcdef", uid: "11111111-1111-1111-1111-111111111111" },
  ...{ origin: "made", nonce: "00112233445566ff" },
};
export const JOB = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
export const apiSpec = (audience: string) => ({
  ...{ audience, displayName: "API", scopes: [{ name: "a" }, { name: "b" }], tokens: {} },
});

/** What exists before each operation is requested. */
export interface Present {
  readonly sandbox: Sandbox;
  readonly api: ObservedApi;
  readonly client: ObservedClient;
  readonly grant: ObservedGrant;
  readonly key: PublicKey;
}

export type Way = (provider: Provider, present: Present) => Promise<unknown>;

const withKey: Way = async (provider, { client, key }) => provider.clients.setPublicKeys(client.ref, [key]);
const organizations = (ids: readonly string[]) => ({ organizations: { usage: "Allow", ids } }) as const;
const inactiveServer = ({ sandbox, api }: Present): void => {
  Object.assign(sandbox.org.state.servers.get(api.ref) ?? {}, { status: "INACTIVE" });
};
const policyIn = ({ sandbox, grant }: Present) => {
  const [server = "", policy = ""] = grant.ref.split("/");
  return sandbox.org.state.servers.get(server)?.policies.get(policy);
};

/** By operation: what of the port sends it, and what has to be so before. */
export const AUTH0_WAYS: Readonly<Record<string, readonly [way: Way, before?: Way]>> = {
  "GET /api/v2/clients": [(provider) => provider.clients.findByOwner("contract", MARK.uid)],
  "POST /api/v2/clients": [(provider) => provider.clients.create(JOB, MARK)],
  "GET /api/v2/clients/{client}": [(provider, { client }) => provider.clients.readSecret(client.ref)],
  "PATCH /api/v2/clients/{client}": [
    (provider, { client }) => provider.clients.update(client.ref, { displayName: "B" }),
  ],
  "DELETE /api/v2/clients/{client}": [(provider, { client }) => provider.clients.remove(client.ref)],
  "POST /api/v2/clients/{client}/rotate-secret": [
    (provider, { client }) => provider.clients.replaceSecret(client.ref, undefined),
  ],
  "GET /api/v2/clients/{client}/credentials": [withKey, withKey],
  "POST /api/v2/clients/{client}/credentials": [withKey],
  "DELETE /api/v2/clients/{client}/credentials/{key}": [
    async (provider, { client }) => {
      const [key = ""] = (await provider.clients.get(client.ref))?.keyRefs ?? [];
      await provider.clients.removePublicKey(client.ref, key === "" ? "cred_gone" : key);
    },
    withKey,
  ],
  "GET /api/v2/resource-servers": [(provider) => provider.apis.findByAudience(AUDIENCE)],
  "POST /api/v2/resource-servers": [(provider) => provider.apis.create(apiSpec("https://new.example.com/"), MARK)],
  "GET /api/v2/resource-servers/{api}": [(provider, { api }) => provider.apis.readSigningSecret(api.ref)],
  "PATCH /api/v2/resource-servers/{api}": [(provider, { api }) => provider.apis.update(api.ref, { displayName: "B" })],
  "DELETE /api/v2/resource-servers/{api}": [(provider, { api }) => provider.apis.remove(api.ref)],
  "GET /api/v2/client-grants": [(provider, { api }) => provider.grants.ofApi(api)],
  "POST /api/v2/client-grants": [
    (provider, { client, api }) => provider.grants.create({ client: client.ref, api, scopes: ["a"] }),
    (provider, { grant }) => provider.grants.remove(grant.ref),
  ],
  "PATCH /api/v2/client-grants/{grant}": [
    (provider, { grant }) => provider.grants.update(grant.ref, { scopes: ["b"] }),
  ],
  "DELETE /api/v2/client-grants/{grant}": [(provider, { grant }) => provider.grants.remove(grant.ref)],
  "GET /api/v2/client-grants/{grant}/organizations": [
    (provider, { client, api }) => provider.grants.find(client.ref, api, true),
    (provider, { grant }) => provider.grants.update(grant.ref, organizations([ORGANIZATION])),
  ],
  "GET /api/v2/organizations/name/{name}": [async (provider) => provider.organizations?.find("acme")],
  "GET /api/v2/organizations/{organization}": [async (provider) => provider.organizations?.find(ORGANIZATION)],
  "POST /api/v2/organizations/{organization}/client-grants": [
    (provider, { grant }) => provider.grants.update(grant.ref, organizations([ORGANIZATION])),
  ],
  "DELETE /api/v2/organizations/{organization}/client-grants/{grant}": [
    (provider, { grant }) => provider.grants.update(grant.ref, organizations([])),
    (provider, { grant }) => provider.grants.update(grant.ref, organizations([ORGANIZATION])),
  ],
};

const SERVER = "/api/v1/authorizationServers/{server}";
const POLICY = `${SERVER}/policies/{policy}`;
const renamedApi: Way = (provider, { api }) => provider.apis.update(api.ref, { displayName: "B" });
const claims =
  (...expressions: string[]): Way =>
  (provider, { api }) =>
    provider.apis.update(api.ref, {
      settings: { claims: expressions.map((expression, index) => ({ name: `claim${String(index)}`, expression })) },
    });
const scopes =
  (...all: { readonly name: string; readonly description?: string }[]): Way =>
  (provider, { api }) =>
    provider.apis.update(api.ref, { scopes: all });
const removedClient: Way = (provider, { client }) => provider.clients.remove(client.ref);
const removedApi: Way = (provider, { api }) => provider.apis.remove(api.ref);
const removedGrant: Way = (provider, { grant }) => provider.grants.remove(grant.ref);
const granted: Way = (provider, { client, api }) => provider.grants.create({ client: client.ref, api, scopes: ["a"] });
const narrowed: Way = (provider, { grant }) => provider.grants.update(grant.ref, { scopes: ["b"] });
const restoredGrant: Way = (provider, { grant }) => provider.grants.update(grant.ref, { restore: true });
const renamedClient: Way = (provider, { client }) => provider.clients.update(client.ref, { displayName: "B" });
const addedSecret: Way = (provider, { client }) => provider.clients.addSecret(client.ref, SECRET);
const removedSecret: Way = async (provider, { client, sandbox }) => {
  const app = sandbox.org.state.apps.get(client.ref);
  await provider.clients.removeSecret(client.ref, String(app?.secrets[0]?.["id"]));
};
const unmarked: Way = async (_provider, present) => {
  Object.assign(policyIn(present) ?? {}, { description: "of somebody" });
  return Promise.resolve();
};
const inactivePolicy: Way = async (_provider, present) => {
  Object.assign(policyIn(present) ?? {}, { status: "INACTIVE" });
  return Promise.resolve();
};
const inactiveRule: Way = async (_provider, present) => {
  for (const rule of policyIn(present)?.rules.values() ?? []) rule.status = "INACTIVE";
  return Promise.resolve();
};

export const OKTA_WAYS: Readonly<Record<string, readonly [way: Way, before?: Way]>> = {
  "GET /api/v1/apps": [(provider) => provider.clients.findByOwner("contract", MARK.uid)],
  "POST /api/v1/apps": [(provider) => provider.clients.create(JOB, MARK)],
  "GET /api/v1/apps/{app}": [renamedClient],
  "PUT /api/v1/apps/{app}": [renamedClient],
  "DELETE /api/v1/apps/{app}": [removedClient],
  "POST /api/v1/apps/{app}/lifecycle/activate": [
    async (provider, { client: { ref } }) => {
      await provider.clients.get(ref);
      await provider.clients.update(ref, { isEnabled: true });
    },
    (provider, { client }) => provider.clients.update(client.ref, { isEnabled: false }),
  ],
  "POST /api/v1/apps/{app}/lifecycle/deactivate": [removedClient],
  "GET /api/v1/apps/{app}/credentials/secrets": [(provider, { client }) => provider.clients.readSecret(client.ref)],
  "POST /api/v1/apps/{app}/credentials/secrets": [addedSecret],
  "POST /api/v1/apps/{app}/credentials/secrets/{secret}/lifecycle/deactivate": [removedSecret, addedSecret],
  "DELETE /api/v1/apps/{app}/credentials/secrets/{secret}": [removedSecret, addedSecret],
  "GET /api/v1/authorizationServers": [(provider) => provider.apis.findByAudience(AUDIENCE)],
  "POST /api/v1/authorizationServers": [(provider) => provider.apis.create(apiSpec("https://new.example.com/"), MARK)],
  [`GET ${SERVER}`]: [renamedApi],
  [`PUT ${SERVER}`]: [renamedApi],
  [`DELETE ${SERVER}`]: [removedApi],
  [`POST ${SERVER}/lifecycle/activate`]: [
    async (provider, { api: { ref } }) => {
      await provider.apis.get(ref);
      await provider.apis.update(ref, { restore: true });
    },
    (_provider, present) => Promise.resolve(inactiveServer(present)),
  ],
  [`POST ${SERVER}/lifecycle/deactivate`]: [removedApi],
  [`GET ${SERVER}/scopes`]: [(provider, { api }) => provider.apis.get(api.ref)],
  [`POST ${SERVER}/scopes`]: [scopes({ name: "a" }, { name: "b" }, { name: "c" })],
  [`GET ${SERVER}/scopes/{scope}`]: [scopes({ name: "a", description: "A" }, { name: "b" })],
  [`PUT ${SERVER}/scopes/{scope}`]: [scopes({ name: "a", description: "A" }, { name: "b" })],
  [`DELETE ${SERVER}/scopes/{scope}`]: [scopes({ name: "a" })],
  [`GET ${SERVER}/claims`]: [claims('"a"'), claims('"a"')],
  [`POST ${SERVER}/claims`]: [claims('"a"')],
  [`GET ${SERVER}/claims/{claim}`]: [claims('"b"'), claims('"a"')],
  [`PUT ${SERVER}/claims/{claim}`]: [claims('"b"'), claims('"a"')],
  [`DELETE ${SERVER}/claims/{claim}`]: [claims(), claims('"a"')],
  [`GET ${SERVER}/policies`]: [(provider, { api }) => provider.grants.ofApi(api)],
  [`POST ${SERVER}/policies`]: [granted, removedGrant],
  [`GET ${POLICY}`]: [narrowed, unmarked],
  [`PUT ${POLICY}`]: [narrowed, unmarked],
  [`DELETE ${POLICY}`]: [removedGrant],
  [`POST ${POLICY}/lifecycle/activate`]: [restoredGrant, inactivePolicy],
  [`POST ${POLICY}/lifecycle/deactivate`]: [removedGrant],
  [`GET ${POLICY}/rules`]: [(provider, { api }) => provider.grants.ofApi(api)],
  [`POST ${POLICY}/rules`]: [granted, removedGrant],
  [`GET ${POLICY}/rules/{rule}`]: [narrowed],
  [`PUT ${POLICY}/rules/{rule}`]: [narrowed],
  [`DELETE ${POLICY}/rules/{rule}`]: [scopes({ name: "b" })],
  [`POST ${POLICY}/rules/{rule}/lifecycle/activate`]: [restoredGrant, inactiveRule],
  [`POST ${POLICY}/rules/{rule}/lifecycle/deactivate`]: [scopes({ name: "b" })],
};
