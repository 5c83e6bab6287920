import { answerOkta } from "../../../sandbox/okta/routes.ts";
import type { Sandbox } from "../../../sandbox/start.ts";
import { credentialOf, numbered, type Random, type TenantSubject, tokenClient } from "./tenant-subject.ts";

const SCOPES = ["read:x", "write:x", "admin"];

/** An Okta org. Policies for one, several and all clients are made by hand, with rules that count and rules that do not. */
export function oktaSubject({ org, okta, caPem }: Sandbox): TenantSubject {
  const http = tokenClient(caPem);
  const post = poster({ org, okta });
  const apps = () => [...org.state.apps.values()];
  const servers = () => [...org.state.servers.values()];
  return {
    fillByHand: (random) => fill(post, org.state, random),
    // The operator's own app has a key, and no test has that.
    clientIds: () => apps().flatMap(({ clientId, secrets }) => (secrets.length === 0 ? [] : [clientId])),
    audiences: () => servers().map(({ audiences }) => audiences[0] ?? ""),
    askedScopes: async (clientId, audience) => {
      const [app] = apps().filter((one) => one.clientId === clientId);
      const [server] = servers().filter(({ audiences }) => audiences[0] === audience);
      if (app === undefined || server === undefined) return undefined;
      const { credential, headers } = credentialOf(clientId, app.secrets[0]?.client_secret ?? "", app.authMethod);
      const url = `${okta.url}/oauth2/${server.id}/v1/token`;
      const granted: string[] = [];
      // One by one: a request may name scopes of one rule only.
      for (const { name, system } of server.scopes.values())
        if (!system && (await http.ask(url, { ...credential, scope: name }, headers)).status === 200)
          granted.push(name);
      return granted.length === 0 ? undefined : granted.sort();
    },
    close: () => http.close(),
  };
}

type Post = (path: string, body: object) => Promise<string>;
type State = Sandbox["org"]["state"];

const poster =
  ({ org, okta }: Pick<Sandbox, "org" | "okta">): Post =>
  async (path, body) => {
    const authorization = `SSWS ${okta.apiToken}`;
    const call = { method: "POST", path: `/api/v1${path}`, query: {}, body, authorization, nowMs: Date.now() };
    const { status, body: document } = await answerOkta(org, {
      ...{ ...call, mediaType: "application/json", host: org.host },
    });
    if (status >= 300) throw new Error(`POST ${path}: ${String(status)} ${JSON.stringify(document)}`);
    return String((document as { readonly id?: unknown } | undefined)?.id);
  };

async function fill(post: Post, state: State, random: Random): Promise<void> {
  for (const name of numbered(20, "hand-api")) {
    const audience = `https://${name}.example.com`;
    const server = await post("/authorizationServers", { name, description: name, audiences: [audience] });
    for (const scope of SCOPES)
      if (random.chance(70))
        await post(`/authorizationServers/${server}/scopes`, {
          ...{ name: scope, consent: random.chance(10) ? "REQUIRED" : "IMPLICIT" },
        });
  }
  for (const name of numbered(32, "hand-client")) {
    const id = await post("/apps", appBody(name, random));
    if (random.chance(10)) await post(`/apps/${id}/lifecycle/deactivate`, {});
  }
  const clientIds = [...state.apps.values()].map(({ clientId }) => clientId);
  for (const server of state.servers.values())
    for (const policy of numbered(random.below(5), "hand"))
      await policyByHand(post, `/authorizationServers/${server.id}/policies`, policy, clientIds, random, [
        ...[...server.scopes.values()].filter(({ system }) => !system).map(({ name }) => name),
      ]);
}

function appBody(label: string, random: Random): object {
  const isWeb = random.chance(15);
  return {
    ...{ label, name: "oidc_client", signOnMode: "OPENID_CONNECT" },
    credentials: {
      oauthClient: { token_endpoint_auth_method: random.pick(["client_secret_basic", "client_secret_post"]) },
    },
    settings: {
      oauthClient: {
        ...{ application_type: isWeb ? "web" : "service", response_types: [isWeb ? "code" : "token"] },
        grant_types: isWeb ? ["authorization_code"] : ["client_credentials"],
        ...(isWeb ? { redirect_uris: ["https://example.com"] } : {}),
        dpop_bound_access_tokens: false,
      },
    },
  };
}

async function policyByHand(
  post: Post,
  path: string,
  name: string,
  clientIds: readonly string[],
  random: Random,
  scopes: readonly string[],
): Promise<void> {
  const several = Array.from({ length: 1 + random.below(6) }, () => random.pick(clientIds));
  const include = random.chance(10) ? ["ALL_CLIENTS"] : [...new Set(several)];
  const id = await post(path, {
    ...{ type: "OAUTH_AUTHORIZATION_POLICY", name, description: name, priority: 1 + random.below(3) },
    conditions: { clients: { include } },
  });
  if (random.chance(15)) await post(`${path}/${id}/lifecycle/deactivate`, {});
  for (const rule of numbered(1 + random.below(2), "rule")) {
    const named = random.some(scopes);
    const wanted = named.length === 0 || random.chance(20) ? ["*"] : [...named];
    await post(`${path}/${id}/rules`, ruleBody(rule, wanted, random));
  }
}

const ruleBody = (name: string, scopes: readonly string[], random: Random): object => ({
  ...{ type: "RESOURCE_ACCESS", name, priority: 1, status: random.chance(85) ? "ACTIVE" : "INACTIVE" },
  conditions: {
    people: { groups: { include: ["EVERYONE"] }, users: { include: [] } },
    grantTypes: { include: [random.chance(85) ? "client_credentials" : "authorization_code"] },
    scopes: { include: [...scopes] },
  },
  actions: {
    token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10_080 },
  },
});
