import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import type { World } from "../world.ts";
import { createOktaWorld, editByHand, lookAtOrg, type OrgView } from "./org.ts";
import { askToken, verified } from "./token.ts";

let world: World;
let view: OrgView;
beforeAll(async () => {
  ({ world, view } = await createOktaWorld());
});
afterAll(async () => {
  await world.end();
});

const audienceOf = (ns: string): string => `https://${ns}.example.com/api`;

const condition = (kind: string, ns: string, name: string, type: string, status: string | undefined) =>
  eventually(
    () => world.cluster.get(kind, ns, name),
    (object) => conditionOf(object, type)?.status === status,
    `${type} of ${name} to be ${String(status)}`,
  );

const readAgain = (): Promise<void> => lookAtOrg(world);

it("twenty grants applied at once to one server are one policy for each client, and a second pass changes nothing", async () => {
  const ns = await world.namespace();
  const names = Array.from({ length: 10 }, (_, index) => `job-${String(index)}`);
  await world.api(ns, "api");
  world.sandbox.calls.clear();
  // Two at a time would be refused.
  view.org.knobs.policyWriteMs = 60;
  await Promise.all(
    names.flatMap((name) => [
      world.client(ns, name, { secret: { primaryGrant: `${name}-read` } }),
      ...["read", "write"].map((verb) =>
        world.grant(ns, `${name}-${verb}`, {
          clientRef: { name },
          apiRef: { name: "api" },
          scopes: [`${verb}:things`],
        }),
      ),
    ]),
  );
  for (const name of names)
    for (const verb of ["read", "write"]) await world.ready("ScopeGrant", ns, `${name}-${verb}`);
  view.org.knobs.policyWriteMs = 5;
  expect(world.sandbox.calls.since(0).filter(({ status }) => status >= 400)).toEqual([]);
  for (const name of names) {
    const clientId = (await world.ready("M2MClient", ns, name)).status?.["clientId"];
    const policies = view.policies(audienceOf(ns), clientId);
    expect(policies.map(({ rules }) => rules.map(({ scopes }) => [...scopes].sort()))).toEqual([
      [["read:things", "write:things"]],
    ]);
  }
  const priorities = [...(view.server(audienceOf(ns))?.policies.values() ?? [])].map(({ priority }) => priority);
  world.sandbox.calls.clear();
  await readAgain();
  await eventually(
    () => Promise.resolve(world.sandbox.calls.since(0).filter(({ path }) => path.endsWith("/rules")).length),
    (reads) => reads >= names.length,
    "the sweep",
  );
  expect(
    world.sandbox.calls.since(0).filter(({ method, path }) => method !== "GET" && path.startsWith("/api")),
  ).toEqual([]);
  expect([...(view.server(audienceOf(ns))?.policies.values() ?? [])].map(({ priority }) => priority)).toEqual(
    priorities,
  );
});

it("an app that the org does not show at once is waited for, and neither made twice nor given up", async () => {
  const ns = await world.namespace();
  view.org.knobs.eventualConsistencyMs = 1500;
  await world.api(ns, "api");
  await world.client(ns, "slow", { displayName: `slow ${ns}` });
  await world.grant(ns, "slow", { clientRef: { name: "slow" }, apiRef: { name: "api" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "slow");
  view.org.knobs.eventualConsistencyMs = 0;
  expect([...view.org.state.apps.values()].filter(({ label }) => label === `slow ${ns}`)).toHaveLength(1);
  const clientId = (await world.ready("M2MClient", ns, "slow")).status?.["clientId"];
  expect(view.policies(audienceOf(ns), clientId)).toHaveLength(1);
});

it("two grants of one client and API give one token with both scopes; without one of them, only the other's", async () => {
  const ns = await world.namespace();
  await world.api(ns, "api");
  await world.client(ns, "job", { secret: { primaryGrant: "read" } });
  for (const verb of ["read", "write"])
    await world.grant(ns, verb, {
      clientRef: { name: "job" },
      apiRef: { name: "api" },
      scopes: [`${verb}:things`],
    });
  await world.ready("ScopeGrant", ns, "read");
  await world.ready("ScopeGrant", ns, "write");
  const secret = (await world.cluster.secret(ns, "job")) ?? {};
  const both = await askToken(secret, world.sandbox.caPem, "read:things write:things");
  const claims = await verified(both.body["access_token"], secret, world.sandbox.caPem);
  expect(claims["scp"]).toEqual(["read:things", "write:things"]);
  await world.cluster.remove("ScopeGrant", ns, "write");
  await world.gone("ScopeGrant", ns, "write");
  expect(await askToken(secret, world.sandbox.caPem, "write:things")).toMatchObject({
    status: 401,
    body: { error: "access_denied" },
  });
  expect((await askToken(secret, world.sandbox.caPem, "read:things")).status).toBe(200);
});

it("scopes of all clients are in every client's own rule, and every other client of the org gets them too", async () => {
  const ns = await world.namespace();
  await world.api(ns, "api", {
    scopes: [{ name: "read:things", default: true }, { name: "write:things" }],
  });
  await world.client(ns, "job");
  await world.client(ns, "other", { secret: { template: { apiRefs: [{ as: "api", name: "api" }], data: {} } } });
  await world.grant(ns, "job", { clientRef: { name: "job" }, apiRef: { name: "api" }, scopes: ["write:things"] });
  await world.ready("ScopeGrant", ns, "job");
  await world.grant(ns, "everybody", { allClients: true, apiRef: { name: "api" }, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, "everybody");
  const clientId = (await world.ready("M2MClient", ns, "job")).status?.["clientId"];
  await eventually(
    () => Promise.resolve(view.policies(audienceOf(ns), clientId).flatMap(({ rules }) => rules[0]?.scopes ?? [])),
    (scopes) => [...scopes].sort().join(" ") === "read:things write:things",
    "the union in the client's own rule",
  );
  expect(view.policies(audienceOf(ns), "ALL_CLIENTS").map(({ rules }) => rules[0]?.scopes)).toEqual([["read:things"]]);
  const own = (await world.cluster.secret(ns, "job")) ?? {};
  expect((await askToken(own, world.sandbox.caPem, "read:things write:things")).status).toBe(200);
  const other = { ...(await world.cluster.secret(ns, "other")), token_endpoint: own["token_endpoint"] ?? "" };
  expect((await askToken(other, world.sandbox.caPem)).body).toMatchObject({ scope: "read:things" });
  expect((await askToken(other, world.sandbox.caPem, "write:things")).status).toBe(401);
  await world.cluster.remove("ScopeGrant", ns, "everybody");
  await world.gone("ScopeGrant", ns, "everybody");
  await eventually(
    () => Promise.resolve(view.policies(audienceOf(ns), clientId).flatMap(({ rules }) => rules[0]?.scopes ?? [])),
    (scopes) => scopes.join(" ") === "write:things",
    "the client's own scopes alone",
  );
});

it("a policy of others for all clients that is asked first is told of, and left alone", async () => {
  const ns = await world.namespace();
  await world.api(ns, "api");
  await world.client(ns, "job");
  await world.ready("OAuthApi", ns, "api");
  await byHand(ns, { name: "Everybody may read", description: "Made by hand", clients: ["ALL_CLIENTS"] });
  await world.grant(ns, "job", { clientRef: { name: "job" }, apiRef: { name: "api" }, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, "job");
  const before = JSON.stringify(view.policies(audienceOf(ns), "ALL_CLIENTS"));
  await readAgain();
  const grant = await condition("ScopeGrant", ns, "job", "Overridden", "True");
  expect(conditionOf(grant, "Overridden")).toMatchObject({
    reason: "OverriddenByOthers",
    message: expect.stringContaining('"Everybody may read"') as string,
  });
  expect(conditionOf(grant, "Ready")?.status).toBe("True");
  expect(JSON.stringify(view.policies(audienceOf(ns), "ALL_CLIENTS"))).toBe(before);
  const server = view.server(audienceOf(ns));
  for (const [id, { name }] of server?.policies ?? []) if (name === "Everybody may read") server?.policies.delete(id);
  await readAgain();
  await condition("ScopeGrant", ns, "job", "Overridden", undefined);
});

it("of two grants that say different lifetimes the earlier one wins, and the later is told which and in what", async () => {
  const ns = await world.namespace();
  await world.api(ns, "api", { tokens: { lifetime: "30m" } });
  await world.client(ns, "job", { secret: { primaryGrant: "first" } });
  const grant = { clientRef: { name: "job" }, apiRef: { name: "api" } };
  await world.grant(ns, "first", { ...grant, scopes: ["read:things"], tokenLifetime: "10m" });
  await world.ready("ScopeGrant", ns, "first");
  await world.grant(ns, "second", { ...grant, scopes: ["write:things"], tokenLifetime: "20m" });
  const second = await world.reason("ScopeGrant", ns, "second", "Conflict");
  expect(conditionOf(second, "Ready")?.message).toContain(
    `ScopeGrant ${ns}/first for the same client and API has another value in spec.tokenLifetime`,
  );
  const clientId = (await world.ready("M2MClient", ns, "job")).status?.["clientId"];
  const rule = () => view.policies(audienceOf(ns), clientId)[0]?.rules[0];
  expect(rule()).toMatchObject({ scopes: ["read:things"], lifetimeMinutes: 10 });
  await world.cluster.patch("ScopeGrant", ns, "first", { spec: { tokenLifetime: null } });
  await world.cluster.patch("ScopeGrant", ns, "second", { spec: { tokenLifetime: null } });
  await world.ready("ScopeGrant", ns, "second");
  await eventually(
    () => Promise.resolve(rule()),
    (seen) => seen?.lifetimeMinutes === 30 && seen.scopes.length === 2,
    "the API's own lifetime",
  );
});

it("a grant that asks for what cannot be had is told so, and the others of its pair have nothing to do with it", async () => {
  const ns = await world.namespace();
  await world.api(ns, "api");
  await world.client(ns, "job");
  const grant = { clientRef: { name: "job" }, apiRef: { name: "api" } };
  await world.grant(ns, "good", { ...grant, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, "good");
  await world.grant(ns, "odd", { ...grant, scopes: ["write:things"], tokenLifetime: "61s" });
  await world.grant(ns, "bound", { ...grant, scopes: ["write:things"], organizations: { usage: "Allow" } });
  const odd = await world.reason("ScopeGrant", ns, "odd", "UnsupportedByProvider");
  expect(conditionOf(odd, "Ready")?.message).toContain("spec.tokenLifetime of 61 seconds");
  const bound = await world.reason("ScopeGrant", ns, "bound", "UnsupportedByProvider");
  expect(conditionOf(bound, "Ready")?.message).toContain("spec.organizations");
  const clientId = (await world.cluster.get("M2MClient", ns, "job"))?.status?.["clientId"];
  await world.ready("ScopeGrant", ns, "good");
  expect(view.policies(audienceOf(ns), clientId)[0]?.rules[0]?.scopes).toEqual(["read:things"]);
});

it("a scope that every server has anyway is refused by name", async () => {
  const ns = await world.namespace();
  await world.api(ns, "api", { scopes: [{ name: "openid" }] });
  const api = await world.reason("OAuthApi", ns, "api", "InvalidRequest");
  expect(conditionOf(api, "Ready")?.message).toContain("Okta reserves the scope openid");
});

/** As a person would in the console: a policy with one rule for machines, at the top. */
async function byHand(
  ns: string,
  { name, description, clients }: { readonly name: string; readonly description: string; readonly clients: string[] },
): Promise<void> {
  const path = `/api/v1/authorizationServers/${view.server(audienceOf(ns))?.id ?? ""}/policies`;
  await editByHand(world, "POST", path, {
    type: "OAUTH_AUTHORIZATION_POLICY",
    ...{ name, description, status: "ACTIVE", priority: 1 },
    conditions: { clients: { include: clients } },
  });
  const [policy] = view.policies(audienceOf(ns), clients[0]);
  await editByHand(world, "POST", `${path}/${String(policy?.id)}/rules`, {
    type: "RESOURCE_ACCESS",
    ...{ name: "machines", status: "ACTIVE", priority: 1 },
    conditions: {
      people: { groups: { include: ["EVERYONE"] }, users: { include: [] } },
      grantTypes: { include: ["client_credentials"] },
      scopes: { include: ["read:things"] },
    },
    actions: {
      token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10_080 },
    },
  });
}
