import { afterEach, beforeEach, expect, it } from "vitest";
import { answerOkta } from "../../../sandbox/okta/routes.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import type { Provider } from "../../../src/ports/provider.ts";
import { ALL_CLIENTS } from "../../../src/ports/provider/ref.ts";
import { connected } from "../../contract/connected.ts";
import { credentialOf, tokenClient } from "../../e2e/cli/tenant-subject.ts";
import { createWorkloads } from "../../../sandbox/workload/create.ts";

const AUDIENCE = "https://a.example.com";
let sandbox: Sandbox;
let provider: Provider;
let clientId: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  ({ client_id: clientId } = (await createWorkloads(sandbox, { audience: AUDIENCE, scopes: ["read", "write"] })).okta);
  provider = await connected("okta", sandbox, { orgUrl: sandbox.okta.url }, { api_token: sandbox.okta.apiToken });
  // The SDK is loaded the first time.
}, 60_000);
afterEach(async () => {
  provider.close();
  await sandbox.close();
});

const server = () => [...sandbox.org.state.servers.values()].find(({ audiences }) => audiences.includes(AUDIENCE));

async function post(path: string, body: object): Promise<string> {
  const call = { method: "POST", path: `/api/v1/authorizationServers/${server()?.id ?? ""}${path}`, query: {}, body };
  const authorization = `SSWS ${sandbox.okta.apiToken}`;
  const { body: made } = await answerOkta(sandbox.org, {
    ...{ ...call, authorization, nowMs: Date.now(), mediaType: "application/json", host: sandbox.org.host },
  });
  return String((made as { readonly id?: unknown } | undefined)?.id);
}

/** A policy with one rule, as people make it in the console. */
async function policy(name: string, include: readonly string[], scopes: readonly string[]): Promise<string> {
  const id = await post("/policies", {
    ...{ type: "OAUTH_AUTHORIZATION_POLICY", name, description: name, priority: 1, status: "ACTIVE" },
    ...{ conditions: { clients: { include } } },
  });
  await post(`/policies/${id}/rules`, {
    ...{ type: "RESOURCE_ACCESS", name, priority: 1, status: "ACTIVE" },
    conditions: {
      people: { groups: { include: ["EVERYONE"] }, users: { include: [] } },
      ...{ grantTypes: { include: ["client_credentials"] }, scopes: { include: scopes } },
    },
    actions: {
      token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10_080 },
    },
  });
  return id;
}

async function callers() {
  const all = (await provider.grants.callers?.({ ref: undefined, audience: AUDIENCE })) ?? [];
  return Promise.all(
    all.map(async ({ client, scopes, allScopes }) => [
      client === ALL_CLIENTS ? "all" : (await provider.clients.get(client))?.clientId,
      ...[scopes, allScopes],
    ]),
  );
}

it("adds up every active rule of every active policy, also of those for several clients", async () => {
  await post("/scopes", { name: "more", consent: "IMPLICIT" });
  await policy("several", [clientId, sandbox.org.operator.clientId], ["more"]);
  await post(`/policies/${await policy("off", [clientId], ["*"])}/lifecycle/deactivate`, {});
  expect(await callers()).toEqual([
    [clientId, ["more", "read", "write"], false],
    [sandbox.org.operator.clientId, ["more"], false],
  ]);
});

it("names all clients once, and leaves out scopes that a person would have to consent to", async () => {
  await post("/scopes", { name: "asks", consent: "REQUIRED" });
  await policy("everybody", ["ALL_CLIENTS"], ["*"]);
  expect(await callers()).toContainEqual(["all", ["read", "write"], true]);
});

it("the token endpoint says the same", async () => {
  const http = tokenClient(sandbox.caPem);
  const app = [...sandbox.org.state.apps.values()].find((one) => one.clientId === clientId);
  const { credential, headers } = credentialOf(clientId, app?.secrets[0]?.client_secret ?? "", app?.authMethod);
  const url = `${sandbox.okta.url}/oauth2/${server()?.id ?? ""}/v1/token`;
  expect((await http.ask(url, { ...credential, scope: "read" }, headers)).status).toBe(200);
  server()?.policies.clear();
  expect(await callers()).toEqual([]);
  expect((await http.ask(url, { ...credential, scope: "read" }, headers)).status).not.toBe(200);
  await http.close();
});
