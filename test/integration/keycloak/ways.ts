import type { Realm } from "../../../keycloak/realm.ts";
import type { ObservedApi, ObservedClient, ObservedGrant, Provider } from "../../../src/ports/provider.ts";
import { AUDIENCE, JOB, MARK } from "../../contract/ways.ts";

/** What exists before one operation is requested. Scope names are unique in a realm, so each has names of its own. */
export interface Present {
  readonly realm: Realm;
  readonly api: ObservedApi;
  readonly client: ObservedClient;
  /** Of the first of three scopes. */
  readonly grant: ObservedGrant;
}

type Way = (provider: Provider, present: Present) => Promise<unknown>;

const CLIENTS = "/admin/realms/{realm}/clients";
const CLIENT = `${CLIENTS}/{client}`;
const SCOPES = "/admin/realms/{realm}/client-scopes";
const SCOPE = `${SCOPES}/{scope}`;

const scopes =
  (change: (names: readonly string[]) => readonly { readonly name: string; readonly description?: string }[]): Way =>
  (provider, { api }) =>
    provider.apis.update(api.ref, { scopes: change(api.scopes.map(({ name }) => name)) });
const granted =
  (choose: (names: readonly string[]) => readonly string[]): Way =>
  (provider, { api, grant }) =>
    provider.grants.update(grant.ref, { scopes: choose(api.scopes.map(({ name }) => name)) });
const added = scopes((names) => [...names, `${names[0] ?? ""}-more`].map((name) => ({ name })));
const described = scopes((names) => names.map((name) => ({ name, description: "Other" })));
const restoredApi: Way = (provider, { api }) => provider.apis.update(api.ref, { restore: true });

interface Mapped {
  readonly id: string;
  readonly name: string;
  readonly protocolMappers: readonly { readonly id: string; readonly config: object }[];
}

/** The first scope of the API as the realm has it. */
async function scopeOf({ realm, api }: Present): Promise<Mapped> {
  const all = (await realm.scopes()) as unknown as readonly Mapped[];
  const found = all.find(({ name }) => name === api.scopes[0]?.name);
  if (found === undefined) throw new Error("the API has no scope");
  return found;
}

const standing: Way = async (_provider, present) => {
  const { id } = await scopeOf(present);
  const path = `/clients/${present.client.ref}`;
  await present.realm.admin("DELETE", `${path}/optional-client-scopes/${id}`);
  await present.realm.admin("PUT", `${path}/default-client-scopes/${id}`);
};

const mapper =
  (method: "PUT" | "DELETE"): Way =>
  async (_provider, present) => {
    const { id, protocolMappers } = await scopeOf(present);
    const [first] = protocolMappers;
    const other = { ...first, config: { ...first?.config, "access.token.claim": "false" } };
    const path = `/client-scopes/${id}/protocol-mappers/models/${first?.id ?? ""}`;
    await present.realm.admin(method, path, method === "PUT" ? other : undefined);
  };

/** By operation: what of the port sends it, and what has to be so before. */
export const KEYCLOAK_WAYS: Readonly<Record<string, readonly [way: Way, before?: Way]>> = {
  "GET /admin/serverinfo": [(provider) => provider.probe()],
  [`GET ${CLIENTS}`]: [(provider) => provider.clients.findByOwner("contract", MARK.uid)],
  [`POST ${CLIENTS}`]: [(provider) => provider.clients.create(JOB, MARK)],
  [`GET ${CLIENT}`]: [(provider, { client }) => provider.clients.readSecret(client.ref)],
  [`PUT ${CLIENT}`]: [(provider, { client }) => provider.clients.update(client.ref, { displayName: "B" })],
  [`DELETE ${CLIENT}`]: [(provider, { client }) => provider.clients.remove(client.ref)],
  [`PUT ${CLIENT}/optional-client-scopes/{scope}`]: [granted((names) => names.slice(0, 2))],
  [`DELETE ${CLIENT}/optional-client-scopes/{scope}`]: [granted((names) => names.slice(1, 2))],
  [`DELETE ${CLIENT}/default-client-scopes/{scope}`]: [
    (provider, { grant }) => provider.grants.update(grant.ref, { restore: true }),
    standing,
  ],
  [`GET ${SCOPES}`]: [(provider) => provider.apis.findByAudience(AUDIENCE)],
  [`POST ${SCOPES}`]: [added],
  [`GET ${SCOPE}`]: [added],
  [`PUT ${SCOPE}`]: [described],
  [`DELETE ${SCOPE}`]: [scopes((names) => names.slice(1).map((name) => ({ name })))],
  [`POST ${SCOPE}/protocol-mappers/models`]: [restoredApi, mapper("DELETE")],
  [`PUT ${SCOPE}/protocol-mappers/models/{mapper}`]: [restoredApi, mapper("PUT")],
};
