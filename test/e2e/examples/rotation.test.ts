import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../integration/cluster.ts";
import { createExampleWorld, type ExampleWorld } from "./harness.ts";

describe.each(["auth0", "okta"] as const)("rotation at %s", (vendor) => {
  let world: ExampleWorld;
  beforeAll(async () => {
    world = await createExampleWorld(vendor);
  });
  afterAll(() => world.end());

  it("the Secret says to Reloader that it changes, a rotation is told of, and nothing stays", async () => {
    const before = await world.tenantState();
    await world.kubectl("apply", "-k", join(world.dir, "rotation"));
    await world.ready("ScopeGrant", "rotation", "courier-reads");
    const client = await world.ready("M2MClient", "rotation", "courier");
    const due = Date.parse(String(client.status?.["nextRotationAt"])) - Date.now();
    expect(due).toBeGreaterThan(647 * 3_600_000);
    expect(due).toBeLessThanOrEqual(720 * 3_600_000);
    const secret = await world.cluster.get("Secret", "rotation", "courier-oauth");
    expect(secret?.metadata.annotations).toMatchObject({ "reloader.stakater.com/match": "true" });
    await world.kubectl("annotate", "-n", "rotation", "m2mclient/courier", "m2m-operator.io/rotate-requested-at=now");
    await eventually(
      () => world.cluster.get("M2MClient", "rotation", "courier"),
      (now) => ((now?.status?.["credentials"] ?? []) as readonly unknown[]).length === 2,
      "a second credential",
    );
    await world.kubectl("delete", "-k", join(world.dir, "rotation"), "--timeout=60s");
    expect(await world.tenantState()).toEqual(before);
  });
});
