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
