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
