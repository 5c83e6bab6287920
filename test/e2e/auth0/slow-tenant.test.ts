import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";

const OBJECTS = 12;

let world: World;
beforeAll(async () => {
  world = await createWorld({
    sandbox: { auth0: { plan: "enterprise-non-production" } },
    provider: { rateLimit: { requestsPerMinute: 120, burst: 10, sharePercent: 100 } },
  });
});
afterAll(async () => {
  // What is left to delete need not be polite.
  world.sandbox.tenant.setPlan("unlimited");
  await world.configure({ rateLimit: { requestsPerMinute: 60_000, burst: 2000 } });
  await world.end();
});

const managed = () => world.sandbox.calls.since(0).filter(({ path }) => path.startsWith("/api/"));
const creations = (): number => managed().filter(({ method }) => method === "POST").length;

it("what one namespace calls compromised does not hold up an edit in another", async () => {
  const [loud, quiet] = [await world.namespace(), await world.namespace()];
  await world.api(quiet, "edited", { displayName: "Before" });
  await world.ready("OAuthApi", quiet, "edited");
  const names = Array.from({ length: OBJECTS }, (_, index) => `leaked-${String(index)}`);
  await Promise.all(names.map((name) => world.client(loud, name)));
  for (const name of names) await world.ready("M2MClient", loud, name);
  world.sandbox.calls.clear();
  const time = new Date().toISOString();
  await Promise.all(names.map((name) => world.annotate("M2MClient", loud, name, "compromised-at", time)));
  // The burst is used up, and most of the rotations are still to come.
  await eventually(
    () => managed().length,
    (count) => count >= 3,
    "the first rotations",
    30_000,
  );
  const before = managed().length;
  await world.api(quiet, "edited", { displayName: "After" });
  const isEdit = ({ method, path }: { method: string; path: string }): boolean =>
    method === "PATCH" && path.includes("resource-servers");
  await eventually(() => managed().some(isEdit), Boolean, "the edit at the tenant", 30_000);
  // One turn of the other's, and what was under way.
  expect(managed().findIndex(isEdit) - before).toBeLessThanOrEqual(4);
  for (const name of names)
    await eventually(
      () => world.cluster.get("M2MClient", loud, name),
      (client) => client?.status?.["lastRotationAt"] !== undefined,
      `the rotation of ${name}`,
      60_000,
    );
}, 180_000);

it("at two requests a second nobody is told to wait, and an edit is served before the backlog", async () => {
  const ns = await world.namespace();
  await world.api(ns, "edited", { displayName: "Before" });
  await world.ready("OAuthApi", ns, "edited");
  const names = Array.from({ length: OBJECTS }, (_, index) => `object-${String(index)}`);
  world.sandbox.calls.clear();
  await Promise.all(
    names.flatMap((name) => [
      world.api(ns, name),
      world.client(ns, name),
      world.grant(ns, name, { clientRef: { name }, apiRef: { name }, allScopes: true }),
    ]),
  );
  await eventually(creations, (count) => count >= 10, "the burst used up", 30_000);
  const before = managed().length;
  await world.api(ns, "edited", { displayName: "After" });
  await eventually(
    () => managed().findIndex(({ method }) => method === "PATCH"),
    (index) => index >= 0,
    "the edit at the tenant",
    30_000,
  );
  const edit = managed().findIndex(({ method }) => method === "PATCH");
  // What was under way, and the one slot that may have been given already.
  expect(edit - before).toBeLessThanOrEqual(3);
  expect(creations()).toBeLessThan(3 * OBJECTS - 10);
  for (const name of names)
    await eventually(
      () => world.cluster.get("ScopeGrant", ns, name),
      (grant) => JSON.stringify(grant?.status?.conditions ?? []).includes('"reason":"Ready"'),
      `${name} Ready`,
      60_000,
    );
  expect(creations()).toBe(3 * OBJECTS);
  expect(world.sandbox.calls.since(0).filter(({ status }) => status === 429)).toEqual([]);
}, 120_000);
