import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { startOperatorProcess } from "./operator-process.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.stopOperator();
});
afterAll(async () => {
  await world.end();
});

const CLIENTS = 10;
const KILLS = 10;

/** Deterministic "random" moments, so that a failure can be repeated. */
function moments(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const startProcess = () =>
  startOperatorProcess(world, { flags: ["--provider-timeout-ms", "1500", "--settle-ms", "300"] });

/** Some of the clients authenticate with keys, which are written down before anything is made with them. */
const hasKey = (index: number): boolean => index % 3 === 0;

const writes = () =>
  world.sandbox.calls.since(0).filter((call) => call.method === "POST" && call.path.startsWith("/api/")).length;

it("an operator killed ten times in the middle of thirty resources makes exactly the wanted objects", async () => {
  const ns = await world.namespace();
  for (let i = 0; i < CLIENTS; i++) {
    await world.api(ns, `api-${String(i)}`);
    await world.client(ns, `client-${String(i)}`, {
      displayName: `client-${String(i)} ${ns}`,
      ...(hasKey(i) ? { authentication: { method: "private_key_jwt" } } : {}),
    });
    await world.grant(ns, `grant-${String(i)}`, {
      clientRef: { name: `client-${String(i)}` },
      apiRef: { name: `api-${String(i)}` },
      allScopes: true,
    });
  }
  // Slow enough that every kill finds requests on their way.
  world.sandbox.tenant.knobs.latencyMs = 60;
  const next = moments(42);
  let kills = 0;
  while (kills < KILLS) {
    const child = startProcess();
    const before = writes();
    const target = before + Math.floor(next() * 4);
    await eventually(
      () => Promise.resolve(writes()),
      (count) => count > target || count >= 3 * CLIENTS,
      "progress",
      30_000,
    );
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    kills += 1;
  }
  world.sandbox.tenant.knobs.latencyMs = 0;
  const last = startProcess();
  for (let i = 0; i < CLIENTS; i++)
    await eventually(
      () => world.cluster.get("ScopeGrant", ns, `grant-${String(i)}`),
      (grant) => conditionOf(grant, "Ready")?.status === "True",
      `grant-${String(i)} Ready`,
      40_000,
    );
  const { resourceServers, clients, grants, credentials } = world.sandbox.tenant.state;
  const named = [...clients.values()].map((client) => client["name"]).filter((name) => String(name).includes(ns));
  expect(new Set(named).size).toBe(CLIENTS);
  expect(named).toHaveLength(CLIENTS);
  expect([...resourceServers.values()].filter((api) => api.identifier.includes(ns))).toHaveLength(CLIENTS);
  expect([...grants.values()].filter((grant) => grant.audience.includes(ns))).toHaveLength(CLIENTS);
  for (let i = 0; i < CLIENTS; i++) {
    const { client_id: id = "", ...secret } = (await world.cluster.secret(ns, `client-${String(i)}`)) ?? {};
    if (hasKey(i)) expect(credentials.get(id)?.map(({ kid }) => kid)).toEqual([secret["key_id"]]);
    else expect(clients.get(id)?.client_secret === secret["client_secret"]).toBe(true);
  }
  last.kill("SIGTERM");
  await new Promise((resolve) => last.once("exit", resolve));
}, 180_000);
