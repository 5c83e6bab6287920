import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

const ORDERS = 20;
/** Each with its place, so that a failure can be repeated. */
const orders = <T>(steps: readonly T[]): readonly (readonly T[])[] =>
  fc.sample(fc.shuffledSubarray([...steps], { minLength: steps.length }), { numRuns: ORDERS, seed: 17 });

type Step = () => Promise<unknown>;

/** What one team applies: names end with a number, since all orders run side by side in one namespace. */
const teamOf = (ns: string, n: number) => {
  const named = (name: string): string => `${name}-${String(n)}`;
  const [client, api] = [named("job"), named("api")];
  const grant = (name: string, scope: string, on = api): Step => {
    const spec = { clientRef: { name: client }, apiRef: { name: on }, scopes: [scope] };
    return () => world.grant(ns, named(name), spec);
  };
  return {
    client: (() => world.client(ns, client)) satisfies Step,
    api: (() => world.api(ns, api)) satisfies Step,
    grant,
    remove: (kind: string, name: string): Step => {
      return () => world.cluster.remove(kind, ns, named(name));
    },
    gone: (kind: string, name: string): Step => {
      return () => world.gone(kind, ns, named(name));
    },
    ready: (kind: string, name: string): Step => {
      return () => world.ready(kind, ns, named(name));
    },
    /** The Secret with the names of this run taken out. */
    secret: async (): Promise<unknown> => {
      const secret = (await world.cluster.secret(ns, client)) ?? {};
      const grants = JSON.parse(secret["grants"] ?? "[]") as readonly { readonly scopes: readonly string[] }[];
      const scopes = grants.map((entry) => entry.scopes.join(" "));
      return { audience: secret["audience"]?.replace(api, "api"), scopes: secret["scopes"], grants: scopes };
    },
  };
};

type Team = ReturnType<typeof teamOf>;

const inTurn = async (steps: readonly Step[]): Promise<void> => {
  for (const step of steps) await step();
};

/** Runs every order in a team of its own, and waits until each Secret is this and its client Ready. */
async function everyOrder(
  run: (team: Team, order: readonly number[]) => Promise<void>,
  count: number,
  scopes: string,
): Promise<void> {
  const ns = await world.namespace();
  const wanted = { audience: `https://${ns}.example.com/api`, scopes, grants: [scopes] };
  const runs = orders(Array.from({ length: count }, (_, index) => index)).map(async (order, n) => {
    const team = teamOf(ns, n);
    await run(team, order);
    await eventually(
      () => team.secret(),
      (secret) => JSON.stringify(secret) === JSON.stringify(wanted),
      `the Secret of order ${order.join(",")}`,
    );
    await team.ready("M2MClient", "job")();
  });
  await Promise.all(runs);
}

const pick = (steps: readonly Step[], order: readonly number[]): readonly Step[] =>
  order.flatMap((index) => steps[index] ?? []);

it("a client and two ScopeGrants for one API, applied at once in any order, end Ready with one Secret", async () => {
  await everyOrder(
    async (team, order) => {
      const steps = [team.api, team.client, team.grant("reads", "read:things"), team.grant("writes", "write:things")];
      await inTurn(pick(steps, order));
      await inTurn([team.ready("ScopeGrant", "reads"), team.ready("ScopeGrant", "writes")]);
    },
    4,
    "read:things write:things",
  );
});

it("the same, one ScopeGrant after the other", async () => {
  await everyOrder(
    async (team, order) => {
      await inTurn([team.api, team.client, team.ready("M2MClient", "job")]);
      const steps = [team.grant("reads", "read:things"), team.grant("writes", "write:things")];
      for (const step of pick(steps, order)) {
        await step();
        await team.ready("M2MClient", "job")();
      }
      await inTurn([team.ready("ScopeGrant", "reads"), team.ready("ScopeGrant", "writes")]);
    },
    2,
    "read:things write:things",
  );
});

it("an API that is deleted and created anew leaves the Secret as it was", async () => {
  await everyOrder(
    async (team, order) => {
      const steps = [team.client, team.grant("reads", "read:things"), team.grant("writes", "write:things")];
      await inTurn([team.api, ...pick(steps, order), team.ready("ScopeGrant", "reads")]);
      await inTurn([team.ready("ScopeGrant", "writes"), team.ready("M2MClient", "job")]);
      await inTurn([team.remove("OAuthApi", "api"), team.gone("OAuthApi", "api"), team.api]);
      await inTurn([team.ready("ScopeGrant", "reads"), team.ready("ScopeGrant", "writes")]);
    },
    3,
    "read:things write:things",
  );
});

it("a renamed ScopeGrant keeps the flat keys, although another one names an API that does not exist", async () => {
  await everyOrder(
    async (team, order) => {
      await inTurn([team.api, team.client, team.grant("reads", "read:things"), team.ready("M2MClient", "job")]);
      await team.grant("broken", "read:things", "misspelt")();
      const steps = [team.remove("ScopeGrant", "reads"), team.grant("renamed", "read:things")];
      await inTurn([...pick(steps, order), team.ready("ScopeGrant", "renamed"), team.gone("ScopeGrant", "reads")]);
    },
    2,
    "read:things",
  );
});

it("with a second API the Secret keeps the flat keys that it has, lists both, and the client says what to decide", async () => {
  const ns = await world.namespace();
  await world.api(ns, "one");
  await world.api(ns, "two");
  await world.client(ns, "job");
  await world.grant(ns, "to-one", { clientRef: { name: "job" }, apiRef: { name: "one" }, allScopes: true });
  await world.ready("M2MClient", ns, "job");
  await world.grant(ns, "to-two", { clientRef: { name: "job" }, apiRef: { name: "two" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "to-two");
  const undecided = await world.reason("M2MClient", ns, "job", "PrimaryGrantRequired");
  expect(conditionOf(undecided, "Stalled")?.message).toBe(
    `Client ${String(undecided.status?.["clientId"])} has grants for several APIs (${ns}/one, ${ns}/two). Set spec.secret.primaryApi to the OAuthApi, or spec.secret.primaryGrant to the ScopeGrant, that fills the keys audience and scopes. Until then the Secret keeps its current API.`,
  );
  const flat = async (): Promise<unknown> => {
    const secret = await world.cluster.secret(ns, "job");
    return [secret?.["audience"], (JSON.parse(secret?.["grants"] ?? "[]") as unknown[]).length];
  };
  expect(await flat()).toEqual([`https://${ns}.example.com/one`, 2]);
  // A Secret that somebody deletes comes back, with the keys that it had.
  await world.cluster.remove("Secret", ns, "job");
  await eventually(
    flat,
    (keys) => JSON.stringify(keys) === JSON.stringify([`https://${ns}.example.com/one`, 2]),
    "the Secret back",
  );
  // What waits for a decision holds up nothing else.
  await world.annotate("M2MClient", ns, "job", "rotate-requested-at", "now");
  await eventually(
    () => world.cluster.secret(ns, "job"),
    (secret) => secret?.["next_client_secret"] !== undefined,
    "the announced credential",
  );
  await world.client(ns, "job", { secret: { primaryApi: { name: "two" } } });
  const decided = await world.ready("M2MClient", ns, "job");
  expect(decided.status?.["primaryApi"]).toBe(`${ns}/two`);
  expect(await flat()).toEqual([`https://${ns}.example.com/two`, 2]);
});

it("a Secret for one API alone has the scopes of all ScopeGrants for it, as the client's own", async () => {
  const ns = await world.namespace();
  await world.api(ns, "api");
  await world.client(ns, "job");
  const spec = { clientRef: { name: "job" }, apiRef: { name: "api" } };
  await world.grant(ns, "reads", { ...spec, scopes: ["read:things"], secret: { name: "job-api" } });
  await world.ready("ScopeGrant", ns, "reads");
  await world.grant(ns, "writes", { ...spec, scopes: ["write:things"] });
  await world.ready("ScopeGrant", ns, "writes");
  await eventually(
    async () => [
      (await world.cluster.secret(ns, "job"))?.["scopes"],
      (await world.cluster.secret(ns, "job-api"))?.["scopes"],
    ],
    (scopes) => scopes.every((text) => text === "read:things write:things"),
    "both Secrets with both scopes",
  );
});
