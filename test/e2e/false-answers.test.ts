import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

let world: World;

type Vendor = "auth0" | "okta";

/** Answers of 2xx that none of the vendors gives to a read of its API. */
const JSON_TYPE = { "content-type": "application/json" };
const FALSE_ANSWERS = [
  { status: 200, body: "<html>maintenance</html>", headers: { "content-type": "text/html" } },
  { status: 200, body: "[]", headers: { "content-type": "text/plain" } },
  { status: 299, body: "[]", headers: JSON_TYPE },
  { status: 204 },
  { status: 200, body: "", headers: JSON_TYPE },
  { status: 200, body: "{}", headers: JSON_TYPE },
  { status: 200, body: "null", headers: JSON_TYPE },
  { status: 200, body: '[{"id":""}]', headers: JSON_TYPE },
  { status: 200, body: "[".repeat(100_000), headers: JSON_TYPE },
];
const TIMES_EACH = 3;

/** Ids of the clients at the tenant whose name names this namespace. */
const clientsOf = (vendor: Vendor, ns: string): readonly string[] =>
  vendor === "auth0"
    ? [...world.sandbox.tenant.state.clients.values()]
        .filter(({ name }) => String(name).includes(ns))
        .map((client) => client.client_id)
    : [...world.sandbox.org.state.apps.values()]
        .filter(({ label }) => label.includes(ns))
        .map(({ clientId }) => clientId);

const readsSince = (vendor: Vendor, n: number): number =>
  world.sandbox.calls
    .since(n)
    .filter(({ tenant, method, path }) => tenant === vendor && method === "GET" && path.startsWith("/api/")).length;

const setUp = async (): Promise<string> => {
  const ns = await world.namespace();
  await world.api(ns, "api");
  await world.client(ns, "client", { displayName: `client ${ns}` });
  await world.grant(ns, "grant", { clientRef: { name: "client" }, apiRef: { name: "api" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "grant");
  await world.ready("M2MClient", ns, "client");
  return ns;
};

describe.each<Vendor>(["auth0", "okta"])("what is no answer of the vendor, on %s,", (vendor) => {
  beforeAll(async () => {
    world = await createWorld({ vendor, driftInterval: "10s" });
  });
  afterAll(async () => {
    world.sandbox.faults.clear();
    await world.end();
  });

  it("is a failed read and no empty tenant: nothing is written, everything stays as it is", async () => {
    const [asked, other] = [await setUp(), await setUp()];
    const [before] = [await world.cluster.get("Secret", asked, "client-oauth")];
    const [own] = [clientsOf(vendor, asked), clientsOf(vendor, other)];
    expect(own).toHaveLength(1);
    const start = world.sandbox.calls.since(0).length;
    for (const effect of FALSE_ANSWERS)
      world.sandbox.faults.add({ tenant: vendor, method: "GET", path: "^/api/", times: TIMES_EACH, effect });
    let round = 0;
    const lost: string[] = [];
    await eventually(
      async () => {
        // A new value asks for a new read.
        await world.annotate("M2MClient", asked, "client", "reconcile-requested-at", `storm-${String(round++)}`);
        for (const ns of [asked, other]) {
          const client = await world.cluster.get("M2MClient", ns, "client");
          if (client?.status?.["clientId"] === undefined) lost.push(ns);
        }
        return readsSince(vendor, start);
      },
      (reads) => reads > FALSE_ANSWERS.length * TIMES_EACH,
      "the end of the false answers",
      45_000,
    );
    await world.annotate("M2MClient", asked, "client", "reconcile-requested-at", "afterwards");
    await eventually(
      () => world.cluster.get("ClusterIdentityProvider", "", world.provider),
      (provider) => Date.parse(String(provider?.status?.["lastCheckedAt"])) > 0,
      "the provider",
    );
    await world.ready("M2MClient", asked, "client");
    await world.ready("M2MClient", other, "client");
    await world.ready("ScopeGrant", asked, "grant");
    expect(lost).toEqual([]);
    expect(clientsOf(vendor, asked)).toEqual(own);
    expect(clientsOf(vendor, other)).toHaveLength(1);
    expect((await world.cluster.get("Secret", asked, "client-oauth"))?.data).toEqual(before?.data);
    const writes = world.sandbox.calls
      .since(start)
      .filter(({ tenant, method, path }) => tenant === vendor && method !== "GET" && path.startsWith("/api/"));
    expect(writes).toEqual([]);
  });
});
