import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { scrape } from "./scrape.ts";
import { createWorld, type World } from "./world.ts";

let world: World;

const tenant = () => world.sandbox.tenant.state;
const KINDS = [
  ["ScopeGrant", "grant"],
  ["M2MClient", "client"],
  ["OAuthApi", "api"],
] as const;

const putCredential = (ns: string, secret = world.sandbox.auth0.clientSecret, id = world.sandbox.auth0.clientId) =>
  world.cluster.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "credentials", namespace: ns },
    stringData: { client_id: id, client_secret: secret },
  });

const configure = (ns: string, spec: object) => world.cluster.patch("IdentityProvider", ns, "own", { spec });

const OPERATOR = "operator-of-this-test00000000000";

/** A namespace with a provider of its own, whose client at the tenant only this test uses, and one object of each kind. */
const setUp = async (spec: object = {}): Promise<string> => {
  const ns = await world.namespace();
  const { domain, clientId } = world.sandbox.auth0;
  const [own] = [...tenant().grants.values()].filter((grant) => grant.client_id === clientId);
  tenant().clients.set(OPERATOR, {
    client_id: OPERATOR,
    client_secret: "not-a-real-secret",
    name: "operator of this test",
    app_type: "non_interactive",
    grant_types: ["client_credentials"],
    is_first_party: true,
  });
  const grant = { scope: own?.scope ?? [], audience: `https://${domain}/api/v2/`, subject_type: "client" };
  tenant().grants.set("cgr_operator00000000", { id: "cgr_operator00000000", client_id: OPERATOR, ...grant });
  await putCredential(ns, "not-a-real-secret", OPERATOR);
  await world.cluster.apply(
    world.resource("IdentityProvider", ns, "own", {
      auth0: { domain },
      credentialsSecretRef: { name: "credentials" },
      caBundle: world.sandbox.caPem,
      driftInterval: "10m",
      rateLimit: { requestsPerMinute: 60_000, burst: 2000, sharePercent: 100 },
      ...spec,
    }),
  );
  const providerRef = { kind: "IdentityProvider", name: "own" };
  await world.api(ns, "api", { providerRef });
  await world.client(ns, "client", { providerRef, displayName: `client ${ns}` });
  await world.grant(ns, "grant", { clientRef: { name: "client" }, apiRef: { name: "api" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "grant");
  return ns;
};

const removeAll = async (ns: string): Promise<void> => {
  for (const [kind, name] of KINDS) await world.cluster.remove(kind, ns, name);
};

const allGone = async (ns: string): Promise<void> => {
  for (const [kind, name] of KINDS) await world.gone(kind, ns, name);
};

const leftOf = (ns: string): number =>
  [...tenant().resourceServers.values()].filter((api) => api.identifier.includes(ns)).length +
  [...tenant().clients.values()].filter((client) => String(client["name"]).includes(ns)).length;

/** Names of the resources of which an event says that something of theirs stays at the tenant. */
const orphansIn = async (ns: string): Promise<readonly string[]> => {
  const events = (await world.cluster.list("Event", ns)) as unknown as {
    readonly reason: string;
    readonly type: string;
    readonly regarding: { readonly kind: string };
  }[];
  return events
    .filter(({ reason, type }) => reason === "Orphaned" && type === "Warning")
    .map(({ regarding }) => regarding.kind)
    .sort();
};

const orphaned = (ns: string) =>
  eventually(
    () => orphansIn(ns),
    (kinds) => KINDS.every(([kind]) => kinds.includes(kind)),
    `events of what stays, in ${ns}`,
    // What was refused is tried again with pauses that grow.
    50_000,
  );

const unreachable = (effect: object): void => {
  world.sandbox.faults.add({ path: ".*", times: 1_000_000, effect: effect });
};

afterEach(() => {
  world.sandbox.faults.clear();
});

describe("a deletion ends when the tenant cannot be used for good", () => {
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(async () => {
    await world.end();
  });

  it.each<[string, (ns: string) => Promise<unknown> | void]>([
    [
      "the tenant answers 503",
      () => {
        unreachable({ status: 503, body: {} });
      },
    ],
    [
      "the tenant refuses every credential",
      () => {
        unreachable({ status: 401, body: {} });
      },
    ],
    [
      "the tenant forbids everything",
      () => {
        unreachable({ status: 403, body: {} });
      },
    ],
    [
      "a 404 page answers in the tenant's place",
      () => {
        unreachable({ status: 404, body: {} });
      },
    ],
    [
      "connections are dropped",
      () => {
        unreachable({ drop: "before" });
      },
    ],
    [
      "the operator's client at the tenant is deleted",
      async (ns) => {
        tenant().clients.delete(OPERATOR);
        // Its token would work on until it expires.
        await world.stopOperator();
        await world.startOperator();
        await world.reason("IdentityProvider", ns, "own", "CredentialsInvalid");
      },
    ],
    [
      "the credentials Secret is another one that does not exist",
      (ns) => configure(ns, { credentialsSecretRef: { name: "missing" } }),
    ],
    ["the credentials Secret holds a refused credential", (ns) => putCredential(ns, "wrong", OPERATOR)],
    [
      "the provider object is another one, of a host that may not be called",
      async (ns) => {
        await world.stopOperator();
        await world.cluster.patch("IdentityProvider", ns, "own", { metadata: { finalizers: null } });
        await world.cluster.remove("IdentityProvider", ns, "own");
        await world.gone("IdentityProvider", ns, "own");
        await world.cluster.apply(
          world.resource("IdentityProvider", ns, "own", {
            auth0: { domain: "gone.invalid" },
            credentialsSecretRef: { name: "credentials" },
          }),
        );
        await world.startOperator();
      },
    ],
    [
      "the host of the tenant shows another certificate",
      async (ns) => {
        await configure(ns, { caBundle: null });
        await world.stopOperator();
        await world.startOperator();
      },
    ],
  ])("%s", async (_what, lose) => {
    const ns = await setUp();
    await lose(ns);
    await removeAll(ns);
    await allGone(ns);
    await orphaned(ns);
    world.sandbox.faults.clear();
    expect(leftOf(ns)).toBe(2);
    await world.cluster.remove("Namespace", "", ns);
    await world.gone("Namespace", "", ns);
  });

  it("the operator restarts meanwhile", async () => {
    const ns = await setUp();
    unreachable({ status: 503, body: {} });
    await removeAll(ns);
    await world.stopOperator();
    await world.startOperator();
    await allGone(ns);
    await orphaned(ns);
    const counted = (await scrape(world)).filter((series) => series.name === "m2m_operator_orphaned_total");
    expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(KINDS.length);
  });

  it("cluster providers are switched off", async () => {
    const ns = await world.namespace();
    await world.client(ns, "client", { displayName: `client ${ns}` });
    await world.ready("M2MClient", ns, "client");
    await world.stopOperator();
    await world.startOperator("--cluster-providers", "false");
    await world.cluster.remove("M2MClient", ns, "client");
    await world.gone("M2MClient", ns, "client");
    await world.stopOperator();
    await world.startOperator();
    expect(leftOf(ns)).toBe(1);
  });
});

describe("an outage that is shorter than --orphan-after", () => {
  beforeAll(async () => {
    world = await createWorld({ flags: ["--orphan-after-ms", "30000"] });
  });
  afterAll(async () => {
    await world.end();
  });

  it.each([
    ["503", { status: 503, body: {} }],
    ["401", { status: 401, body: {} }],
  ])("ends in a real deletion: %s", async (_what, effect) => {
    const ns = await setUp();
    unreachable(effect);
    await removeAll(ns);
    await eventually(
      () => world.cluster.get("IdentityProvider", ns, "own"),
      (provider) => world.sandbox.calls.since(0).length > 0 && provider !== undefined,
      "a try that failed",
    );
    await eventually(
      () => Promise.resolve(world.logs.some((line) => line.includes('"msg":"failed"') && line.includes(ns))),
      (isSeen) => isSeen,
      "the provider object sees the outage",
    );
    world.sandbox.faults.clear();
    await allGone(ns);
    expect(leftOf(ns)).toBe(0);
    expect(await orphansIn(ns)).toEqual([]);
  });
});

describe("Ready, when the tenant cannot be read", () => {
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(async () => {
    await world.end();
  });

  it("is kept for three drift intervals, is lost then, and comes back with the tenant", async () => {
    const ns = await setUp({ driftInterval: "10s" });
    unreachable({ status: 503, body: {} });
    const failedAt = Date.now();
    for (const [kind, name] of KINDS) {
      await eventually(
        () => world.cluster.get(kind, ns, name),
        (object) => conditionOf(object, "Ready")?.reason === "ProviderNotReady",
        `${kind} is not Ready`,
        70_000,
      );
      expect(Date.now() - failedAt).toBeGreaterThan(15_000);
    }
    world.sandbox.faults.clear();
    for (const [kind, name] of KINDS)
      await eventually(
        () => world.cluster.get(kind, ns, name),
        (object) => conditionOf(object, "Ready")?.status === "True",
        `${kind} is Ready again`,
        70_000,
      );
  }, 180_000);
});
