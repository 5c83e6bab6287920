import { afterAll, beforeAll, expect, it } from "vitest";
import { type AnyObject, conditionOf, eventually } from "../integration/cluster.ts";
import { ANNOTATIONS } from "../../src/kinds/schema/annotations.ts";
import { confirmed } from "./confirmed.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ flags: ["--max-revocations", "2"] });
});
afterAll(() => world.end());

/** An API of one namespace, and so many clients of another with a grant on it. */
async function apiWithGrants(count: number): Promise<{ readonly owner: string; readonly asker: string }> {
  const [owner, asker] = [await world.namespace(), await world.namespace()];
  await world.api(owner, "api", { allowedGrants: [{ namespaces: { from: "Names", names: [asker] } }] });
  const names = Array.from({ length: count }, (_, index) => `job-${String(index)}`);
  for (const name of names) {
    await world.client(asker, name);
    const spec = { clientRef: { name }, apiRef: { name: "api", namespace: owner }, scopes: ["read:things"] };
    await world.grant(asker, name, spec);
  }
  for (const name of names) await world.ready("ScopeGrant", asker, name);
  return { owner, asker };
}

/** Deletes the API, and returns it once the deletion is held. */
async function heldDeletion(owner: string): Promise<AnyObject> {
  await world.cluster.remove("OAuthApi", owner, "api");
  return world.reason("OAuthApi", owner, "api", "MassRevocation");
}

const grantsOn = (owner: string): number =>
  [...world.sandbox.tenant.state.grants.values()].filter(
    ({ audience }) => audience === `https://${owner}.example.com/api`,
  ).length;

const eventsOf = async (namespace: string, reason: string): Promise<readonly string[]> =>
  (await world.cluster.list("Event", namespace))
    .filter((event) => (event as { reason?: string }).reason === reason)
    .map((event) => `${String((event as { type?: string }).type)} ${String((event as { note?: string }).note)}`);

it("an API with more grants of others than may go at once stays until its owner confirms, and everybody keeps access", async () => {
  const { owner, asker } = await apiWithGrants(3);
  const held = await heldDeletion(owner);
  expect(conditionOf(held, "Stalled")?.message).toContain(
    "ScopeGrants hold 3 grants on this API (see status.grants), more than --max-revocations (2).",
  );
  expect(grantsOn(owner)).toBe(3);
  await eventually(
    () => world.cluster.get("ScopeGrant", asker, "job-0"),
    (grant) => conditionOf(grant, "Ready")?.reason === "ApiNotReady",
    "the grant told that its API is being deleted",
  );
  expect((await world.cluster.secret(asker, "job-0"))?.["scopes"]).toBe("read:things");
  expect(await eventsOf(asker, "GrantLost")).toEqual([]);

  await confirmed(world, held, ANNOTATIONS.confirmRevocations);
  await world.gone("OAuthApi", owner, "api");
  expect(grantsOn(owner)).toBe(0);
  const told = await eventually(
    () => eventsOf(asker, "GrantLost"),
    (events) => events.length === 3,
    "an event for each grant",
  );
  expect(told.toSorted()[0]).toBe(
    `Warning M2MClient ${asker}/job-0 lost read:things on https://${owner}.example.com/api. OAuthApi ${owner}/api is being deleted. Delete this ScopeGrant, or ask the owner of OAuthApi ${owner}/api.`,
  );
  await eventually(
    () => world.cluster.secret(asker, "job-0"),
    (secret) => secret?.["scopes"] === undefined,
    "the Secret without what is gone",
  );
});

it("an API that is to stay at the tenant waits as well, since the Secrets of its callers would lose it", async () => {
  const { owner, asker } = await apiWithGrants(3);
  await world.api(owner, "api", {
    deletionPolicy: "Retain",
    allowedGrants: [{ namespaces: { from: "Names", names: [asker] } }],
  });
  await world.ready("OAuthApi", owner, "api");
  const held = await heldDeletion(owner);
  expect(conditionOf(held, "Stalled")?.message).toContain(
    "The API stays at the tenant. ScopeGrants of other namespaces lose their grants, and the Secrets of all clients lose the API.",
  );
  expect((await world.cluster.secret(asker, "job-0"))?.["scopes"]).toBe("read:things");
  await confirmed(world, held, ANNOTATIONS.confirmRevocations);
  await world.gone("OAuthApi", owner, "api");
  expect(world.remoteApi(`https://${owner}.example.com/api`)).toBeDefined();
  await eventually(
    () => Promise.resolve(grantsOn(owner)),
    (count) => count === 0,
    "grants that nobody consents to any more deleted",
  );
});

it("an API with few grants goes at once, and so does one whose grants go with it", async () => {
  const few = await apiWithGrants(2);
  await world.cluster.remove("OAuthApi", few.owner, "api");
  await world.gone("OAuthApi", few.owner, "api");
  const many = await apiWithGrants(3);
  await world.cluster.remove("OAuthApi", many.owner, "api");
  await Promise.all([0, 1, 2].map((index) => world.cluster.remove("ScopeGrant", many.asker, `job-${String(index)}`)));
  await world.gone("OAuthApi", many.owner, "api");
  expect(grantsOn(many.owner)).toBe(0);
});

it("adopt creates nothing where nothing is there to adopt, and goes on without it", async () => {
  const ns = await world.namespace();
  await world.allow({ adopt: { audiences: ["https://*"] } });
  await world.api(ns, "typo", { adopt: true });
  const stalled = await world.reason("OAuthApi", ns, "typo", "NotOwned");
  const audience = `https://${ns}.example.com/typo`;
  expect(conditionOf(stalled, "Stalled")?.message).toBe(
    `The tenant has no API with audience ${audience} to adopt. Create this resource again with the correct audience, or remove spec.adopt to create the API.`,
  );
  expect(world.remoteApi(audience)).toBeUndefined();
  await world.api(ns, "typo", { adopt: false });
  expect((await world.ready("OAuthApi", ns, "typo")).status?.["origin"]).toBe("Made");
});
