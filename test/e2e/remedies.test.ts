import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createWorld, type World } from "./world.ts";

/** What a message asks a person to do at the tenant sends no event: it is seen with the next read of the tenant. */
describe("what a person does at the tenant is seen within a drift interval", () => {
  let world: World;
  let ns: string;
  beforeAll(async () => {
    world = await createWorld({ driftInterval: "10s" });
  });
  beforeEach(async () => {
    ns = await world.namespace();
  });
  afterAll(async () => {
    await world.end();
  });
  const tenant = () => world.sandbox.tenant.state;
  const audienceOf = (name: string) => `https://${ns}.example.com/${name}`;
  const foreign = (id: string) => ({ client_id: id, client_secret: "not-a-real-secret", name: id });

  it("an API can be deleted once the grants of others are gone", async () => {
    await world.api(ns, "api");
    await world.ready("OAuthApi", ns, "api");
    const client = `foreign-${ns}`;
    tenant().clients.set(client, foreign(client));
    const grant = { id: `cgr_${ns}`, client_id: client, audience: audienceOf("api"), scope: [] };
    tenant().grants.set(grant.id, { ...grant, subject_type: "client" });
    await world.annotate("OAuthApi", ns, "api", "reconcile-requested-at", "now");
    await world.ready("OAuthApi", ns, "api");
    await world.cluster.remove("OAuthApi", ns, "api");
    await world.reason("OAuthApi", ns, "api", "GrantsRemain");
    tenant().grants.delete(grant.id);
    await world.gone("OAuthApi", ns, "api");
  });

  it("an API is created once the one of others with its audience is gone", async () => {
    const id = `rs_${ns}`;
    tenant().resourceServers.set(id, { id, identifier: audienceOf("api"), name: "Theirs" });
    await world.api(ns, "api");
    await world.reason("OAuthApi", ns, "api", "NotOwned");
    tenant().resourceServers.delete(id);
    await world.ready("OAuthApi", ns, "api");
  });

  it("a client is adopted once it exists", async () => {
    const id = `made-later-${ns}`;
    await world.allow({
      namespaces: { from: "Names", names: [ns] },
      adopt: { clients: [id], shareCredential: true },
    });
    await world.client(ns, "client", { adopt: true, clientId: id });
    await world.reason("M2MClient", ns, "client", "NotOwned");
    tenant().clients.set(id, {
      ...foreign(id),
      ...{ app_type: "non_interactive", grant_types: ["client_credentials"] },
      token_endpoint_auth_method: "client_secret_post",
    });
    await world.ready("M2MClient", ns, "client");
    expect((await world.cluster.secret(ns, "client"))?.["client_id"]).toBe(id);
  });

  it("a scope is granted once the API of others has it", async () => {
    const audience = audienceOf("external");
    const id = `rs_external_${ns}`;
    const scopes = ["read:things", "write:things"];
    await world.allow({
      namespaces: { from: "Names", names: [ns] },
      externalAudiences: [{ audience, scopes }],
    });
    tenant().resourceServers.set(id, { id, identifier: audience, name: "External", scopes: [] });
    await world.configure({ driftInterval: "11s" });
    await world.client(ns, "client");
    await world.grant(ns, "grant", { clientRef: { name: "client" }, externalAudience: audience, scopes });
    await world.reason("ScopeGrant", ns, "grant", "UnknownScopes");
    tenant().resourceServers.set(id, {
      ...{ id, identifier: audience, name: "External" },
      scopes: scopes.map((value) => ({ value })),
    });
    await world.ready("ScopeGrant", ns, "grant", "Ready");
  });
});
