import { answer } from "../../../sandbox/auth0/routes.ts";
import type { Sandbox } from "../../../sandbox/start.ts";
import { credentialOf, numbered, type Random, type TenantSubject, tokenClient } from "./tenant-subject.ts";

const SCOPES = ["read:x", "write:x", "admin"];

/** An Auth0 tenant. Whatever can decide about a token is made by hand: organizations, policies of APIs, disabled clients. */
export function auth0Subject({ tenant, auth0, caPem }: Sandbox): TenantSubject {
  const { state } = tenant;
  const http = tokenClient(caPem);
  const post = poster({ tenant, auth0 });
  const endpoint = `${auth0.url}/oauth/token`;
  return {
    fillByHand: (random) => fill(post, state, random),
    clientIds: () => [...state.clients.keys()],
    audiences: () => [...state.resourceServers.values()].map(({ identifier }) => identifier),
    askedScopes: async (clientId, audience) => {
      const client = state.clients.get(clientId);
      const method = String(client?.["token_endpoint_auth_method"]);
      const { credential, headers } = credentialOf(clientId, client?.client_secret ?? "", method);
      // Without an organization, then with each: some grants need one.
      for (const organization of [undefined, ...state.organizations.keys()]) {
        const form = { ...credential, audience, ...(organization === undefined ? {} : { organization }) };
        const { status, scope = "" } = await http.ask(endpoint, form, headers);
        if (status === 200)
          return scope
            .split(" ")
            .filter((name) => name !== "")
            .sort();
      }
      return undefined;
    },
    close: () => http.close(),
  };
}

type Post = (path: string, body: object) => Promise<Readonly<Record<string, unknown>>>;
type State = Sandbox["tenant"]["state"];

function poster({ tenant, auth0 }: Pick<Sandbox, "tenant" | "auth0">): Post {
  const send = async (path: string, body: object, authorization?: string) => {
    const call = { method: "POST", path, query: {}, body, authorization, nowMs: Date.now(), host: auth0.domain };
    const { status, body: document } = await answer(tenant, call);
    if (status >= 300) throw new Error(`POST ${path}: ${String(status)} ${JSON.stringify(document)}`);
    return (document ?? {}) as Readonly<Record<string, unknown>>;
  };
  return async (path, body) => {
    const operator = { client_id: auth0.clientId, client_secret: auth0.clientSecret };
    const asked = { grant_type: "client_credentials", ...operator, audience: `${auth0.url}/api/v2/` };
    const { access_token: token } = await send("/oauth/token", asked);
    return send(`/api/v2${path}`, body, `Bearer ${String(token)}`);
  };
}

async function fill(post: Post, state: State, random: Random): Promise<void> {
  const organizations = numbered(3, "org_customer");
  for (const id of organizations) state.organizations.set(id, { id, name: id, display_name: id });
  for (const name of numbered(22, "hand-api")) await post("/resource-servers", apiBody(name, random));
  for (const name of numbered(28, "hand-client")) await post("/clients", clientBody(name, random));
  const audiences = [...state.resourceServers.values()].filter((api) => api["is_system"] !== true);
  for (const client_id of state.clients.keys())
    for (const { identifier } of audiences)
      if (random.chance(30)) await grantByHand(post, state, { client_id, audience: identifier }, organizations, random);
}

const apiBody = (name: string, random: Random): object => ({
  ...{ name, identifier: `https://${name}.example.com` },
  scopes: random.some(SCOPES).map((value) => ({ value })),
  ...(random.chance(10) ? { subject_type_authorization: { client: { policy: "deny_all" } } } : {}),
  ...(random.chance(10) ? { proof_of_possession: { mechanism: "dpop", required: true } } : {}),
});

const clientBody = (name: string, random: Random): object => ({
  ...{ name, app_type: "non_interactive", token_endpoint_auth_method: "client_secret_post" },
  grant_types: random.chance(10) ? [] : ["client_credentials"],
});

async function grantByHand(
  post: Post,
  state: State,
  pair: { readonly client_id: string; readonly audience: string },
  organizations: readonly string[],
  random: Random,
): Promise<void> {
  const isThere = [...state.grants.values()].some(
    ({ client_id: client, audience }) => client === pair.client_id && audience === pair.audience,
  );
  if (isThere) return;
  const usage = random.chance(30) ? random.pick(["allow", "require"]) : "deny";
  const { id } = await post("/client-grants", {
    ...pair,
    ...(random.chance(15) ? { allow_all_scopes: true } : { scope: random.some([...SCOPES, "unknown"]) }),
    ...(random.chance(15) ? { subject_type: "user" } : {}),
    ...(usage === "deny" ? {} : { organization_usage: usage, allow_any_organization: random.chance(30) }),
  });
  if (usage !== "deny") state.grantOrganizations.set(String(id), new Set(random.some(organizations)));
}
