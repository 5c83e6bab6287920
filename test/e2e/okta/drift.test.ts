import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../../integration/cluster.ts";
import type { World } from "../world.ts";
import { createOktaWorld, editByHand, lookAtOrg, type OrgView } from "./org.ts";

let world: World;
let view: OrgView;
let ns: string;
let audience: string;
let clientId: string;
beforeAll(async () => {
  ({ world, view } = await createOktaWorld());
  ns = await world.namespace();
  audience = `https://${ns}.example.com/api`;
  await world.api(ns, "api", { okta: { claims: [{ name: "team", expression: '"payroll"' }] } });
  await world.client(ns, "job");
  await world.grant(ns, "job", { clientRef: { name: "job" }, apiRef: { name: "api" }, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, "job");
  clientId = String((await world.ready("M2MClient", ns, "job")).status?.["clientId"]);
});
afterAll(async () => {
  await world.end();
});

const edit = (method: string, path: string, body?: object): Promise<unknown> => editByHand(world, method, path, body);

const readAgain = (): Promise<void> => lookAtOrg(world);

const server = () => view.server(audience);
const serverPath = (): string => `/api/v1/authorizationServers/${String(server()?.id)}`;
const scopeOf = (name: string) => [...(server()?.scopes.values() ?? [])].find((scope) => scope.name === name);
const claimOf = (name: string) => [...(server()?.claims.values() ?? [])].find((claim) => claim.name === name);
const policy = () => view.policies(audience, clientId)[0];
const ruleId = (): string => {
  const [id = ""] =
    server()
      ?.policies.get(policy()?.id ?? "")
      ?.rules.keys() ?? [];
  return id;
};
const policyPath = (): string => `${serverPath()}/policies/${String(policy()?.id)}`;
const rulePath = (): string => `${policyPath()}/rules/${ruleId()}`;
const appPath = (): string => `/api/v1/apps/${String(view.app(clientId)?.id)}`;

/** Everything that is compared, without ids and times. */
const picture = (): string => JSON.stringify({ ...serverPicture(), ...grantPicture() });

const scopePicture = (name: string) => {
  const scope = scopeOf(name);
  return [name, scope?.consent, scope?.["description"] ?? "", scope?.default];
};

const serverPicture = () => ({
  server: [server()?.name, server()?.status, server()?.audiences, server()?.description],
  scopes: ["read:things", "write:things"].map(scopePicture),
  count: view.scopes(audience).length,
  claim: [claimOf("team")?.value, claimOf("team")?.status],
});

const grantPicture = () => {
  const { label, status, profile, authMethod } = view.app(clientId) ?? {};
  return { policy: [policy()?.policy.status, policy()?.rules], app: [label, status, profile, authMethod] };
};

it.each<[string, () => Promise<unknown>]>([
  ["a policy that was deleted", () => edit("DELETE", policyPath())],
  ["a policy that was switched off", () => edit("POST", `${policyPath()}/lifecycle/deactivate`)],
  ["a rule that was deleted", () => edit("DELETE", rulePath())],
  ["a rule that was switched off", () => edit("POST", `${rulePath()}/lifecycle/deactivate`)],
  [
    "a rule with another scope",
    () => edit("PATCH", rulePath(), { conditions: { scopes: { include: ["write:things"] } } }),
  ],
  [
    "a rule for another grant type",
    () =>
      edit("PATCH", rulePath(), {
        conditions: {
          grantTypes: { include: ["client_credentials", "authorization_code"] },
          people: { groups: { include: ["EVERYONE"] } },
        },
      }),
  ],
  ["a scope that was deleted", () => edit("DELETE", `${serverPath()}/scopes/${String(scopeOf("write:things")?.id)}`)],
  [
    "a scope with another description",
    () => edit("PATCH", `${serverPath()}/scopes/${String(scopeOf("read:things")?.id)}`, { description: "by hand" }),
  ],
  [
    "a scope that demands a person's consent",
    () => edit("PATCH", `${serverPath()}/scopes/${String(scopeOf("read:things")?.id)}`, { consent: "REQUIRED" }),
  ],
  ["a scope that nobody declared", () => edit("POST", `${serverPath()}/scopes`, { name: "by:hand" })],
  [
    "a claim with another value",
    () => edit("PATCH", `${serverPath()}/claims/${String(claimOf("team")?.id)}`, { value: '"other"' }),
  ],
  ["a claim that was deleted", () => edit("DELETE", `${serverPath()}/claims/${String(claimOf("team")?.id)}`)],
  ["a server with another name", () => edit("PATCH", serverPath(), { name: "by hand" })],
  ["a server with another audience", () => edit("PATCH", serverPath(), { audiences: ["https://other.example.com/"] })],
  ["a server that was switched off", () => edit("POST", `${serverPath()}/lifecycle/deactivate`)],
  ["an app with another label", () => edit("PATCH", appPath(), { label: "by hand" })],
  ["an app that was switched off", () => edit("POST", `${appPath()}/lifecycle/deactivate`)],
  [
    "an app that demands proof of possession",
    () => edit("PATCH", appPath(), { settings: { oauthClient: { dpop_bound_access_tokens: true } } }),
  ],
  ["an app without our mark", () => edit("PATCH", appPath(), { profile: { m2m_operator: null } })],
])("%s is put right", async (what, change) => {
  const id = server()?.id;
  const findById = () => view.org.state.servers.get(id ?? "");
  const before = picture();
  world.sandbox.calls.clear();
  await change();
  expect(findById()).toBeDefined();
  // The refresh of the case before may still be under way, and revert this before it is seen here.
  const isShown = !what.includes("our mark") && !what.includes("proof");
  if (isShown && writes().length === 0) expect(picture()).not.toBe(before);
  await readAgain();
  await eventually(
    () => Promise.resolve([picture(), dpopOf()]),
    ([now, isBound]) => withoutMark(String(now)) === withoutMark(before) && isBound !== true,
    `${what} to be put right`,
  );
});

const dpopOf = (): unknown =>
  (view.app(clientId)?.settings["oauthClient"] as { readonly dpop_bound_access_tokens?: boolean })
    .dpop_bound_access_tokens;

/** What the operator did to the org since the calls were cleared. */
const writes = () =>
  world.sandbox.calls.since(0).filter(({ method, path }) => method !== "GET" && path.startsWith("/api/"));

/** A mark that is written again names another attempt. */
const withoutMark = (text: string): string => text.replaceAll(/\.[0-9a-f]{16}(?=["\]])/g, "");

it("a server that was deleted is made again with all that belongs below it, and the Secret follows", async () => {
  const before = picture();
  const oldId = server()?.id;
  await edit("POST", `${serverPath()}/lifecycle/deactivate`);
  await edit("DELETE", serverPath());
  await readAgain();
  await eventually(
    () => Promise.resolve(withoutMark(picture())),
    (now) => now === withoutMark(before),
    "the server again",
  );
  expect(server()?.id).not.toBe(oldId);
  await world.ready("ScopeGrant", ns, "job");
  await eventually(
    () => world.cluster.secret(ns, "job"),
    (secret) => secret?.["issuer"]?.endsWith(String(server()?.id)) === true,
    "the new issuer in the Secret",
  );
});

it("what the SDK does not know and others' priorities survive every update", async () => {
  await edit("PATCH", rulePath(), { newFeature: { level: 3 } });
  await edit("PATCH", policyPath(), { newFeature: "kept" });
  await edit("PATCH", serverPath(), { newFeature: ["kept"] });
  await edit("PATCH", appPath(), { settings: { newFeature: true } });
  await edit("POST", `${serverPath()}/policies`, {
    type: "OAUTH_AUTHORIZATION_POLICY",
    ...{ name: "By hand", description: "x", status: "ACTIVE", priority: 1 },
    conditions: { clients: { include: ["ALL_CLIENTS"] } },
  });
  const priorities = () => [...(server()?.policies.values() ?? [])].map(({ name, priority }) => [name, priority]);
  const before = priorities();
  await world.cluster.patch("ScopeGrant", ns, "job", { spec: { scopes: ["read:things", "write:things"] } });
  await world.cluster.patch("OAuthApi", ns, "api", { spec: { displayName: "Another name" } });
  await world.cluster.patch("M2MClient", ns, "job", { spec: { displayName: "Another job" } });
  await eventually(
    () => Promise.resolve([policy()?.rules[0]?.scopes.length, server()?.name, view.app(clientId)?.label]),
    (seen) => JSON.stringify(seen) === '[2,"Another name","Another job"]',
    "the updates",
  );
  const held = server()?.policies.get(policy()?.id ?? "");
  expect(held?.rules.get(ruleId())?.extra).toEqual({ newFeature: { level: 3 } });
  expect(held?.extra).toEqual({ newFeature: "kept" });
  expect(server()?.extra).toEqual({ newFeature: ["kept"] });
  expect(JSON.stringify(view.app(clientId))).toContain('"newFeature":true');
  expect(priorities()).toEqual(before);
  // It would hold the API back when that is deleted.
  const [byHand] = view.policies(audience, "ALL_CLIENTS");
  await edit("DELETE", `${serverPath()}/policies/${String(byHand?.id)}`);
});

it("when nothing changed nothing is written", async () => {
  await world.ready("ScopeGrant", ns, "job");
  await world.ready("OAuthApi", ns, "api");
  await world.ready("M2MClient", ns, "job");
  await readAgain();
  world.sandbox.calls.clear();
  await readAgain();
  await eventually(
    () => Promise.resolve(world.sandbox.calls.since(0).filter(({ path }) => path.endsWith("/rules")).length),
    (reads) => reads > 0,
    "the sweep",
  );
  expect(writes()).toEqual([]);
});
