import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { scrape } from "./scrape.ts";
import { createWorld, type World } from "./world.ts";

let world: World;

const KINDS = [
  ["ScopeGrant", "grant"],
  ["M2MClient", "client"],
  ["OAuthApi", "api"],
] as const;

const putCredential = (ns: string, secret: string, id: string) =>
  world.cluster.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "credentials", namespace: ns },
    stringData: { client_id: id, client_secret: secret },
  });

const configure = (ns: string, spec: object) => world.cluster.patch("IdentityProvider", ns, "own", { spec });

const OPERATOR = "operator-of-this-test00000000000";

/** A namespace with a provider of its own, whose client at the tenant only this test uses, and one object of each kind. */
const setUp = async (spec: object = {}, sandbox: Sandbox = world.sandbox): Promise<string> => {
  const ns = await world.namespace();
  const { domain, clientId } = sandbox.auth0;
  const { clients, grants } = sandbox.tenant.state;
  const [own] = [...grants.values()].filter((grant) => grant.client_id === clientId);
  clients.set(OPERATOR, {
    client_id: OPERATOR,
    client_secret: "not-a-real-secret",
    name: "operator of this test",
    app_type: "non_interactive",
    grant_types: ["client_credentials"],
    is_first_party: true,
  });
  const grant = { scope: own?.scope ?? [], audience: `https://${domain}/api/v2/`, subject_type: "client" };
  grants.set("cgr_operator00000000", { id: "cgr_operator00000000", client_id: OPERATOR, ...grant });
  await putCredential(ns, "not-a-real-secret", OPERATOR);
  await world.cluster.apply(
    world.resource("IdentityProvider", ns, "own", {
      auth0: { domain },
      credentialsSecretRef: { name: "credentials" },
      caBundle: sandbox.caPem,
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

const leftOf = (ns: string, { tenant }: Sandbox = world.sandbox): number =>
  [...tenant.state.resourceServers.values()].filter((api) => api.identifier.includes(ns)).length +
  [...tenant.state.clients.values()].filter((client) => String(client["name"]).includes(ns)).length;

/** Names of the resources of which an event says that something of somebody else stays at the tenant. */
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

const unreachable = (effect: object, sandbox: Sandbox = world.sandbox): void => {
  sandbox.faults.add({ path: ".*", times: 1_000_000, effect: effect });
};

afterEach(() => {
  world.sandbox.faults.clear();
});

/** Deletes one object of each kind after their tenant was lost; their end and what they leave. */
const deletionAfter = async (lose: (ns: string) => Promise<unknown> | void, sandbox: Sandbox): Promise<void> => {
  const ns = await setUp({}, sandbox);
  await lose(ns);
  await removeAll(ns);
  await allGone(ns);
  await orphaned(ns);
  sandbox.faults.clear();
  expect(leftOf(ns, sandbox)).toBe(2);
  // As the deletion of the namespace would: whatever is left of the provider keeps neither of them.
  await world.cluster.remove("IdentityProvider", ns, "own");
  await world.cluster.remove("Secret", ns, "credentials");
  await world.gone("IdentityProvider", ns, "own");
  await world.gone("Secret", ns, "credentials");
};

/** With a tenant that nobody else uses, so that it can be lost while others are lost too. */
const withTenant = async (work: (sandbox: Sandbox) => Promise<void>): Promise<void> => {
  const sandbox = await startSandbox();
  try {
    await work(sandbox);
  } finally {
    await sandbox.close();
  }
};

describe("when a tenant cannot be used for good", () => {
  beforeAll(async () => {
    world = await createWorld({ flags: ["--allowed-hosts", "localhost:*"] });
  });
  afterAll(async () => {
    await world.end();
  });

  it.concurrent(
    "Ready is kept for three drift intervals, is lost then, and comes back with the tenant",
    () =>
      withTenant(async (sandbox) => {
        const ns = await setUp({ driftInterval: "10s" }, sandbox);
        unreachable({ status: 503, body: {} }, sandbox);
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
        sandbox.faults.clear();
        for (const [kind, name] of KINDS)
          await eventually(
            () => world.cluster.get(kind, ns, name),
            (object) => conditionOf(object, "Ready")?.status === "True",
            `${kind} is Ready again`,
            70_000,
          );
        await removeAll(ns);
        await allGone(ns);
      }),
    180_000,
  );

  it.concurrent.each<[string, (ns: string, sandbox: Sandbox) => Promise<unknown> | void]>([
    [
      "the tenant answers 503",
      (_ns, sandbox) => {
        unreachable({ status: 503, body: {} }, sandbox);
      },
    ],
    [
      "the tenant refuses every credential",
      (_ns, sandbox) => {
        unreachable({ status: 401, body: {} }, sandbox);
      },
    ],
    [
      "the tenant forbids everything",
      (_ns, sandbox) => {
        unreachable({ status: 403, body: {} }, sandbox);
      },
    ],
    [
      "a 404 page answers in the tenant's place",
      (_ns, sandbox) => {
        unreachable({ status: 404, body: {} }, sandbox);
      },
    ],
    [
      "connections are dropped",
      (_ns, sandbox) => {
        unreachable({ drop: "before" }, sandbox);
      },
    ],
    [
      "the credentials Secret is another one that does not exist",
      async (ns) => {
        await configure(ns, { credentialsSecretRef: { name: "missing" } });
        // Until it knows, the operator deletes with the credential that it has.
        await world.reason("IdentityProvider", ns, "own", "CredentialsMissing");
      },
    ],
    [
      "the credentials Secret holds a refused credential",
      async (ns) => {
        await putCredential(ns, "wrong", OPERATOR);
        await world.reason("IdentityProvider", ns, "own", "CredentialsInvalid");
      },
    ],
  ])("a deletion ends: %s", (_what, lose) =>
    withTenant((sandbox) => deletionAfter((ns) => lose(ns, sandbox), sandbox)),
  );

  it.each<[string, (ns: string) => Promise<unknown> | void]>([
    [
      "the operator's client at the tenant is deleted",
      async (ns) => {
        world.sandbox.tenant.state.clients.delete(OPERATOR);
        // Its token would work on until it expires.
        await world.stopOperator();
        await world.startOperator();
        await world.reason("IdentityProvider", ns, "own", "CredentialsInvalid");
      },
    ],
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
  ])("a deletion ends: %s", (_what, lose) => deletionAfter(lose, world.sandbox));

  it("a deletion ends: the operator restarts meanwhile", async () => {
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

  it("a deletion ends: cluster providers are switched off", async () => {
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
