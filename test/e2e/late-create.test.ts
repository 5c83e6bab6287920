import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

type Vendor = "auth0" | "okta";

/** The tenant carries a create out after the operator gave up waiting, and before the settle time has passed. */
const TIMES = { timeoutMs: 1500, settleMs: 3000, latencyMs: 3000 };

interface Late {
  readonly kind: "OAuthApi" | "M2MClient";
  readonly make: (world: World, ns: string) => Promise<unknown>;
  readonly path: Readonly<Record<Vendor, string>>;
}

const LATE: readonly Late[] = [
  {
    kind: "OAuthApi",
    make: (world, ns) => world.api(ns, "late"),
    path: { auth0: "/resource-servers$", okta: "/authorizationServers$" },
  },
  {
    kind: "M2MClient",
    make: (world, ns) => world.client(ns, "late", { displayName: `client ${ns}` }),
    path: { auth0: "/clients$", okta: "/apps$" },
  },
];

describe.each<Vendor>(["auth0", "okta"])("at %s", (vendor) => {
  let world: World;
  beforeAll(async () => {
    const { timeoutMs, settleMs } = TIMES;
    const flags = ["--provider-timeout-ms", String(timeoutMs), "--settle-ms", String(settleMs)];
    world = await createWorld({ vendor, flags });
  });
  afterAll(() => world.end());

  const madeFor = (ns: string): readonly string[] => {
    const { tenant, org } = world.sandbox;
    const names = [
      ...[...tenant.state.clients.values()].map(({ name }) => String(name)),
      ...[...tenant.state.resourceServers.values()].map(({ identifier }) => identifier),
      ...[...org.state.apps.values()].map(({ label }) => label),
      ...[...org.state.servers.values()].map(({ audiences }) => audiences.join(" ")),
    ];
    return names.filter((name) => name.includes(ns));
  };

  it.each(LATE)("a late create of an $kind that is deleted meanwhile leaves nothing", async ({ kind, make, path }) => {
    const ns = await world.namespace();
    const effect = { latencyMs: TIMES.latencyMs };
    const before = world.sandbox.calls.since(0).length;
    world.sandbox.faults.add({ tenant: vendor, method: "POST", path: path[vendor], effect });
    await make(world, ns);
    await eventually(
      () => world.cluster.get(kind, ns, "late"),
      (object) => object?.status?.["pendingCreate"] !== undefined,
      "a create under way",
    );
    expect(madeFor(ns)).toEqual([]);
    await world.cluster.remove(kind, ns, "late");
    await world.gone(kind, ns, "late");
    const isCreate = new RegExp(path[vendor]);
    const calls = world.sandbox.calls.since(before);
    expect(calls.filter((call) => call.method === "POST" && isCreate.test(call.path))).toHaveLength(1);
    expect(madeFor(ns)).toEqual([]);
  });
});
