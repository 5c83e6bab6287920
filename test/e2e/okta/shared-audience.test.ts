import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf } from "../../integration/cluster.ts";
import type { World } from "../world.ts";
import { createOktaWorld, editByHand, lookAtOrg } from "./org.ts";

let world: World;
beforeAll(async () => {
  ({ world } = await createOktaWorld());
});
afterAll(async () => {
  await world.end();
});

it("two servers with one audience are adopted by their ids, each with its own scopes, grants and tokens", async () => {
  const ns = await world.namespace();
  const audiences = [`https://${ns}.example.com/both`];
  await world.allow({ adopt: { audiences } });
  const servers: Record<string, string> = {};
  for (const name of ["dev", "prod"]) {
    const made = await editByHand(world, "POST", "/api/v1/authorizationServers", { name: `${ns} ${name}`, audiences });
    servers[name] = String(made["id"]);
  }
  await lookAtOrg(world);
  await world.client(ns, "job", { secret: { primaryGrant: "prod" } });
  for (const [name, authorizationServerId] of Object.entries(servers)) {
    const scopes = [{ name: "read:things" }, { name: `only:${name}` }];
    await world.api(ns, name, { audience: audiences[0], adopt: true, scopes, okta: { authorizationServerId } });
    await world.grant(ns, name, { clientRef: { name: "job" }, apiRef: { name }, scopes: [`only:${name}`] });
  }
  for (const name of ["dev", "prod"]) {
    const api = await world.ready("OAuthApi", ns, name);
    expect(api.status?.["externalId"]).toBe(servers[name]);
    const grant = await world.ready("ScopeGrant", ns, name);
    expect(grant.status?.["grantedScopes"]).toEqual([`only:${name}`]);
  }
  const secret = await world.cluster.secret(ns, "job");
  expect(secret?.["issuer"]).toContain(servers["prod"]);
  expect(secret?.["scopes"]).toContain("only:prod");
  const again = { audience: audiences[0], adopt: true, okta: { authorizationServerId: servers["dev"] } };
  await world.api(ns, "again", again);
  const refused = await world.reason("OAuthApi", ns, "again", "Conflict");
  expect(conditionOf(refused, "Ready")?.message).toBe(
    `API ${String(servers["dev"])} is already claimed by OAuthApi ${ns}/dev. Delete one of the two, or create this OAuthApi again with the ID of another API.`,
  );
});

it("a token is obtained from the client's own authorization server, also where an older one has the same audience", async () => {
  const ns = await world.namespace();
  const audiences = [`https://${ns}.example.com/api`];
  await world.allow({ adopt: { audiences } });
  const made = (name: string) => editByHand(world, "POST", "/api/v1/authorizationServers", { name, audiences });
  const [older, newer] = [await made("older"), await made("newer")];
  await editByHand(world, "POST", `/api/v1/authorizationServers/${String(older["id"])}/lifecycle/deactivate`);
  await lookAtOrg(world);
  await world.api(ns, "api", {
    ...{ audience: audiences[0], adopt: true, okta: { authorizationServerId: newer["id"] } },
    configMap: { name: "api" },
  });
  await world.client(ns, "job");
  await world.grant(ns, "job", { clientRef: { name: "job" }, apiRef: { name: "api" }, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, "job");
  const client = await world.ready("M2MClient", ns, "job");
  expect(conditionOf(client, "Verified")).toMatchObject({ status: "True" });
  const issuer = (await world.cluster.secret(ns, "job"))?.["issuer"];
  expect(issuer).toContain(String(newer["id"]));
  const published = await world.cluster.get("ConfigMap", ns, "api");
  expect(published).toMatchObject({ data: { issuer } });
});
