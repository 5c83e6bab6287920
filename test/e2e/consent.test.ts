import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.end();
});

const grantsFor = (ns: string) =>
  [...world.sandbox.tenant.state.grants.values()].filter((grant) => grant.audience.includes(ns));

it("a namespace that the tenant's owner did not allow is refused, in the same words as a provider that is not there", async () => {
  const ns = await world.cluster.createNamespace();
  await world.client(ns, "refused");
  await world.client(ns, "missing", { providerRef: { kind: "ClusterIdentityProvider", name: "no-such-provider" } });
  const refused = await world.reason("M2MClient", ns, "refused", "NotAllowedOrMissing");
  const missing = await world.reason("M2MClient", ns, "missing", "NotAllowedOrMissing");
  const text = (object: typeof refused) => conditionOf(object, "Ready")?.message.replace(/"[^"]+"/, "NAME");
  expect(text(refused)).toBe(text(missing));
  await world.cluster.remove("Namespace", "", ns);
});

it("consent that is taken back takes grants away and nothing else; given again, the same client id works", async () => {
  const ns = await world.namespace();
  await world.api(ns, "api");
  await world.client(ns, "client", { displayName: `client ${ns}` });
  await world.grant(ns, "grant", { clientRef: { name: "client" }, apiRef: { name: "api" }, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, "grant");
  const before = await world.cluster.secret(ns, "client");
  await world.cluster.patch("Namespace", "", ns, { metadata: { labels: { world: null } } });
  await eventually(
    () => grantsFor(ns),
    (grants) => grants.length === 0,
    "the grant taken away",
  );
  await world.reason("ScopeGrant", ns, "grant", "NotAllowedOrMissing");
  const state = world.sandbox.tenant.state;
  expect([...state.clients.values()].filter((client) => String(client["name"]).includes(ns))).toHaveLength(1);
  expect([...state.resourceServers.values()].filter((api) => api.identifier.includes(ns))).toHaveLength(1);
  expect(await world.cluster.get("Secret", ns, "client")).toBeDefined();
  await world.cluster.patch("Namespace", "", ns, { metadata: { labels: { world: world.provider } } });
  await world.ready("ScopeGrant", ns, "grant");
  await eventually(
    () => world.cluster.secret(ns, "client"),
    (secret) => JSON.stringify(secret) === JSON.stringify(before),
    "the same credential",
  );
});

it("an API of another namespace may be asked for only as far as its owner allows, and a refusal does not tell whether it exists", async () => {
  const owner = await world.namespace();
  const asker = await world.namespace();
  await world.api(owner, "api", { allowedGrants: [] });
  await world.client(asker, "client");
  const apiRef = { name: "api", namespace: owner };
  await world.grant(asker, "grant", { clientRef: { name: "client" }, apiRef, scopes: ["read:things", "write:things"] });
  await world.grant(asker, "void", {
    clientRef: { name: "client" },
    apiRef: { name: "none", namespace: owner },
    allScopes: true,
  });
  await world.ready("OAuthApi", owner, "api");
  const refused = await world.reason("ScopeGrant", asker, "grant", "NotAllowedOrMissing");
  const missing = await world.reason("ScopeGrant", asker, "void", "NotAllowedOrMissing");
  const text = (object: typeof refused, name: string) =>
    conditionOf(object, "Ready")?.message.replace(`/${name}"`, '/NAME"');
  expect(text(refused, "api")).toBe(text(missing, "none"));
  await world.cluster.remove("ScopeGrant", asker, "void");
  await world.cluster.patch("OAuthApi", owner, "api", {
    spec: { allowedGrants: [{ namespaces: { from: "Names", names: [asker] }, scopes: ["read:things"] }] },
  });
  const grant = await world.ready("ScopeGrant", asker, "grant");
  expect(grant.status).toMatchObject({ grantedScopes: ["read:things"], unknownScopes: ["write:things"] });
  await world.cluster.patch("OAuthApi", owner, "api", { spec: { allowedGrants: [] } });
  await eventually(
    () => grantsFor(owner),
    (grants) => grants.length === 0,
    "the grant taken away",
  );
});

it("an audience that the tenant's owner does not allow cannot be claimed", async () => {
  const ns = await world.namespace();
  await world.cluster.patch("ClusterIdentityProvider", "", world.provider, {
    spec: {
      allow: [
        {
          namespaces: { from: "Selector", selector: { matchLabels: { world: world.provider } } },
          audiences: ["https://*.example.com/*"],
        },
      ],
    },
  });
  await world.api(ns, "elsewhere", { audience: "https://elsewhere.test/api" });
  await world.reason("OAuthApi", ns, "elsewhere", "AudienceNotAllowed");
  expect(
    [...world.sandbox.tenant.state.resourceServers.values()].some((api) => api.identifier.includes("elsewhere")),
  ).toBe(false);
});

it("of two APIs with one audience the older keeps it; the other is told, and takes over when the first goes", async () => {
  const ns = await world.namespace();
  const audience = `https://${ns}.example.com/both`;
  await world.api(ns, "first", { audience });
  await world.ready("OAuthApi", ns, "first");
  await world.api(ns, "second", { audience });
  await world.reason("OAuthApi", ns, "second", "Conflict");
  await world.cluster.remove("OAuthApi", ns, "first");
  await world.ready("OAuthApi", ns, "second");
});
