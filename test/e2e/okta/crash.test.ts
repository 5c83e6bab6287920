import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { startOperatorProcess } from "../operator-process.ts";
import type { World } from "../world.ts";
import { createOktaWorld, type OrgView } from "./org.ts";
import { askToken } from "./token.ts";

let world: World;
let view: OrgView;
beforeAll(async () => {
  ({ world, view } = await createOktaWorld());
  await world.stopOperator();
});
afterAll(async () => {
  await world.end();
});

const WISHES = 6;
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

const writes = (): number =>
  world.sandbox.calls.since(0).filter(({ method, path }) => method === "POST" && path.startsWith("/api/")).length;

/** Some of the clients authenticate with keys, which are written down before anything is made with them. */
const hasKey = (index: number): boolean => index % 3 === 0;

async function wish(ns: string, index: number): Promise<void> {
  const name = `wish-${String(index)}`;
  await world.api(ns, name);
  await world.client(ns, name, {
    displayName: `${name} ${ns}`,
    ...(hasKey(index) ? { authentication: { method: "private_key_jwt" } } : {}),
  });
  await world.grant(ns, name, { clientRef: { name }, apiRef: { name }, allScopes: true });
}

async function killAtRandom(): Promise<void> {
  const next = moments(7);
  for (let kills = 0; kills < KILLS; kills++) {
    const child = startProcess();
    const target = writes() + Math.floor(next() * 5);
    await eventually(
      () => Promise.resolve(writes()),
      (count) => count > target || count >= 6 * WISHES,
      "progress",
      30_000,
    );
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
  }
}

it("an operator killed ten times ends with exactly one server, app, policy and rule per wish, and credentials that work", async () => {
  const ns = await world.namespace();
  for (let index = 0; index < WISHES; index++) await wish(ns, index);
  // Slow enough that every kill finds requests on their way.
  view.org.knobs.latencyMs = 60;
  await killAtRandom();
  view.org.knobs.latencyMs = 0;
  const last = startProcess();
  for (let index = 0; index < WISHES; index++)
    await eventually(
      () => world.cluster.get("ScopeGrant", ns, `wish-${String(index)}`),
      (grant) => conditionOf(grant, "Ready")?.status === "True",
      `wish-${String(index)} Ready`,
      40_000,
    );
  const { servers, apps } = view.org.state;
  expect([...servers.values()].filter(({ audiences }) => audiences.some((text) => text.includes(ns)))).toHaveLength(
    WISHES,
  );
  expect([...apps.values()].filter(({ label }) => label.includes(ns))).toHaveLength(WISHES);
  for (let index = 0; index < WISHES; index++) await expectOne(ns, index);
  last.kill("SIGKILL");
  await new Promise((resolve) => last.once("exit", resolve));
}, 120_000);

async function expectOne(ns: string, index: number): Promise<void> {
  const name = `wish-${String(index)}`;
  const secret = (await world.cluster.secret(ns, name)) ?? {};
  const audience = `https://${ns}.example.com/${name}`;
  const policies = view.policies(audience, secret["client_id"]);
  expect(policies).toHaveLength(1);
  expect(policies[0]?.rules.map(({ scopes }) => [...scopes].sort())).toEqual([["read:things", "write:things"]]);
  expect(view.server(audience)?.policies.size).toBe(1);
  const app = view.app(secret["client_id"]);
  if (hasKey(index)) expect(app?.keys.map(({ kid }) => kid)).toEqual([secret["key_id"]]);
  else expect((await askToken(secret, world.sandbox.caPem, "read:things")).status).toBe(200);
}

it.each([
  ["a server", "^/api/v1/authorizationServers$"],
  ["a scope", "/scopes$"],
  ["an app", "^/api/v1/apps$"],
  ["a policy", "/policies$"],
  ["a rule", "/rules$"],
])("when the answer to the creation of %s is lost, there is one in the end", async (_what, path) => {
  const ns = await world.namespace();
  world.sandbox.faults.add({ tenant: "okta", method: "POST", path, effect: { drop: "after" } });
  await world.startOperator();
  await wish(ns, 1);
  await world.ready("ScopeGrant", ns, "wish-1");
  await world.stopOperator();
  await expectOne(ns, 1);
  expect(view.scopes(`https://${ns}.example.com/wish-1`)).toEqual(["read:things", "write:things"]);
  expect([...view.org.state.apps.values()].filter(({ label }) => label.includes(ns))).toHaveLength(1);
});
