import { describe, expect, it } from "vitest";
import { type Caches, createCaches } from "../../../src/assembly/caches.ts";
import { enqueueDrift } from "../../../src/assembly/tenant-read.ts";
import { wireTriggers } from "../../../src/assembly/triggers.ts";
import { textOfKey } from "../../../src/controller/object-key.ts";
import type { KubeObject } from "../../../src/kube/store.ts";
import type { WorkClass } from "../../../src/work/order.ts";
import { runInScope } from "../../../src/work/scope.ts";

type Shape = {
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
};

const CACHE = {
  ClusterIdentityProvider: "clusterIdentityProviders",
  OAuthApi: "oAuthApis",
  M2MClient: "m2mClients",
  ScopeGrant: "scopeGrants",
  Secret: "secrets",
  ConfigMap: "configMaps",
  Namespace: "namespaces",
} as const;

type Kind = keyof typeof CACHE;

const PROVIDER_REF = { kind: "ClusterIdentityProvider", name: "default" };
const SPECS: Partial<Record<Kind, object>> = {
  ClusterIdentityProvider: { auth0: { domain: "acme" }, credentialsSecretRef: { name: "credentials" } },
  OAuthApi: { providerRef: PROVIDER_REF, audience: "https://api", configMap: { name: "api-values" } },
  M2MClient: { providerRef: PROVIDER_REF },
  ScopeGrant: { clientRef: { name: "client" }, apiRef: { name: "api" }, scopes: ["a"] },
};

let version = 0;

function object(kind: Kind, name: string, { metadata = {}, spec = {}, status }: Shape = {}): KubeObject {
  version += 1;
  const namespace = kind === "ClusterIdentityProvider" || kind === "Namespace" ? {} : { namespace: "ns" };
  return {
    kind,
    metadata: {
      ...{ name, ...namespace, uid: `${kind}-${name}`, generation: 1, resourceVersion: String(version) },
      ...metadata,
    },
    spec: { ...SPECS[kind], ...spec },
    ...(status === undefined ? {} : { status }),
  } as KubeObject;
}

const ready = { externalId: "id", observedGeneration: 1, conditions: [{ type: "Ready", status: "True" }] };
const waiting = {
  observedGeneration: 1,
  conditions: [
    { type: "Ready", status: "False" },
    { type: "Reconciling", status: "True" },
  ],
};
const stalled = {
  observedGeneration: 1,
  conditions: [
    { type: "Ready", status: "False" },
    { type: "Stalled", status: "True" },
  ],
};

interface World {
  readonly caches: Caches;
  readonly put: (kind: Kind, name: string, shape?: Shape) => void;
  readonly remove: (kind: Kind, name: string) => void;
  /** Who was woken since it was asked last, and how urgently. */
  readonly woken: () => Readonly<Record<string, WorkClass>>;
}

function world(hasStarted = true): World {
  const caches = createCaches("operator", {
    error: (fields) => {
      throw new Error(JSON.stringify(fields));
    },
  });
  let woken: Record<string, WorkClass> = {};
  wireTriggers(
    caches,
    (key, workClass) => (woken[textOfKey(key)] = workClass),
    () => hasStarted,
  );
  const storeOf = (kind: Kind) =>
    caches[CACHE[kind]] as { put(object: KubeObject): void; remove(object: KubeObject): void };
  return {
    caches,
    put: (kind, name, shape) => {
      storeOf(kind).put(object(kind, name, shape));
    },
    remove: (kind, name) => {
      storeOf(kind).remove(object(kind, name));
    },
    woken: () => {
      const since = woken;
      woken = {};
      return since;
    },
  };
}

/** A provider, an API, a client and a grant between them, all Ready unless their status is given. */
function chain(statuses: Partial<Record<Kind, object>> = {}): World {
  const made = world();
  for (const [kind, name] of [
    ["ClusterIdentityProvider", "default"],
    ["OAuthApi", "api"],
    ["M2MClient", "client"],
    ["ScopeGrant", "grant"],
  ] as const)
    made.put(kind, name, { status: { ...ready, providerRef: PROVIDER_REF, ...statuses[kind] } });
  made.woken();
  return made;
}

const [PROVIDER, API, CLIENT, GRANT] = [
  "ClusterIdentityProvider//default",
  "OAuthApi/ns/api",
  "M2MClient/ns/client",
  "ScopeGrant/ns/grant",
];

describe("the urgency of an object's own change", () => {
  it.each<[string, Shape, WorkClass | undefined]>([
    ["a new spec", { metadata: { generation: 2 }, status: ready }, "userChange"],
    ["a new spec of what is not at the tenant yet", { metadata: { generation: 2 } }, "creation"],
    ["an annotation", { metadata: { annotations: { "m2m-operator.io/paused": "" } }, status: ready }, "userChange"],
    ["a deletion", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" }, status: ready }, "deletion"],
    [
      "a leak",
      { metadata: { annotations: { "m2m-operator.io/compromised-at": "2026-01-02T00:00:00Z" } }, status: ready },
      "compromised",
    ],
    [
      "a leak that was answered already",
      {
        metadata: { annotations: { "m2m-operator.io/compromised-at": "2026-01-02T00:00:00Z" } },
        status: { ...ready, lastRotationAt: "2026-01-03T00:00:00Z" },
      },
      "userChange",
    ],
    ["a finalizer that somebody took off", { metadata: { finalizers: [] }, status: ready }, "userChange"],
    [
      "a finalizer of others that went",
      { metadata: { finalizers: ["m2m-operator.io/finalizer"] }, status: ready },
      undefined,
    ],
    [
      "a status",
      {
        metadata: { finalizers: ["m2m-operator.io/finalizer", "others"] },
        status: { ...ready, lastCheckedAt: "2026-01-01T00:00:00Z" },
      },
      undefined,
    ],
  ])("%s", (_what, shape, expected) => {
    const { put, woken } = chain();
    put("M2MClient", "client", {
      metadata: { finalizers: ["m2m-operator.io/finalizer", "others"] },
      status: { ...ready, providerRef: PROVIDER_REF },
    });
    woken();
    put("M2MClient", "client", shape);
    expect(woken()[CLIENT]).toBe(expected);
  });

  it("a leak is a client's: what has no credential cannot be urgent by it", () => {
    const { put, woken } = chain();
    put("ScopeGrant", "grant", {
      metadata: { annotations: { "m2m-operator.io/compromised-at": "2026-01-02T00:00:00Z" } },
      status: ready,
    });
    expect(woken()[GRANT]).toBe("userChange");
  });

  it("before the workers begin all is the start-up resync, except a leak and what was edited meanwhile", () => {
    const { put, woken } = world(false);
    put("OAuthApi", "api", { status: ready });
    put("OAuthApi", "new");
    put("OAuthApi", "edited", { metadata: { generation: 2 }, status: ready });
    put("M2MClient", "client", {
      metadata: { annotations: { "m2m-operator.io/compromised-at": "2026-01-02T00:00:00Z" } },
    });
    expect(woken()).toEqual({
      [API]: "resync",
      "OAuthApi/ns/new": "resync",
      "OAuthApi/ns/edited": "userChange",
      [CLIENT]: "compromised",
    });
  });

  it("of the start-up each object wakes itself alone, also a grant that would wait for its client", () => {
    const { put, woken } = world(false);
    put("M2MClient", "client");
    expect(woken()).toEqual({ [CLIENT]: "resync" });
    put("ScopeGrant", "grant");
    expect(woken()).toEqual({ [GRANT]: "resync" });
    put("ClusterIdentityProvider", "default");
    expect(Object.keys(woken())).toEqual(["ClusterIdentityProvider//default"]);
  });
});

describe("the urgency for those who depend on it", () => {
  const statusOnly = { ...ready, lastCheckedAt: "2026-01-01T00:00:00Z" };
  it.each<[string, Kind, string, Shape, Readonly<Record<string, WorkClass>>]>([
    [
      "a provider's status is no change of theirs",
      "ClusterIdentityProvider",
      "default",
      { status: statusOnly },
      { [API]: "drift", [CLIENT]: "drift", [GRANT]: "drift" },
    ],
    [
      "a provider's spec is",
      "ClusterIdentityProvider",
      "default",
      { metadata: { generation: 2 }, status: ready },
      { [PROVIDER]: "userChange", [API]: "userChange", [CLIENT]: "userChange", [GRANT]: "userChange" },
    ],
    [
      "and not once more when it was carried out",
      "ClusterIdentityProvider",
      "default",
      { status: { ...ready, observedGeneration: 2 } },
      { [API]: "drift", [CLIENT]: "drift", [GRANT]: "drift" },
    ],
    [
      "an API's spec reaches its grants",
      "OAuthApi",
      "api",
      { metadata: { generation: 2 }, status: ready },
      { [API]: "userChange", [GRANT]: "userChange" },
    ],
    [
      "an API's edit that was carried out reaches them too",
      "OAuthApi",
      "api",
      { status: { ...ready, observedGeneration: 2 } },
      { [GRANT]: "userChange" },
    ],
    ["an API's status does not hurry", "OAuthApi", "api", { status: statusOnly }, { [GRANT]: "drift" }],
    ["a grant's status does not hurry", "ScopeGrant", "grant", { status: statusOnly }, { [CLIENT]: "drift" }],
    [
      "a grant's loss is news for the client's Secret",
      "ScopeGrant",
      "grant",
      { status: { ...ready, externalId: "other" } },
      { [CLIENT]: "creation" },
    ],
    [
      "a client that is deleted takes its grants with it",
      "M2MClient",
      "client",
      { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" }, status: ready },
      { [CLIENT]: "deletion", [GRANT]: "userChange" },
    ],
  ])("%s", (_what, kind, name, shape, expected) => {
    const { put, woken } = chain();
    put(kind, name, shape);
    expect(woken()).toEqual(expected);
  });

  it("other endpoints of an API reach the clients that publish them, though no grant changes", () => {
    const endpoints = (host: string): object => ({
      ...{ ...ready, issuer: host, wellKnownUrl: `${host}w`, tokenEndpoint: `${host}t`, jwksUri: `${host}j` },
      clientAssertionAudience: host,
    });
    const { put, woken } = chain({ OAuthApi: endpoints("https://acme.example.com/") });
    put("OAuthApi", "api", { status: endpoints("https://login.example.com/") });
    expect(woken()).toEqual({ [GRANT]: "drift", [CLIENT]: "drift" });
    put("OAuthApi", "api", { status: endpoints("https://login.example.com/") });
    expect(woken()).toEqual({});
  });

  it.each<[string, Kind, string, object]>([
    ["an API", "OAuthApi", "api", { pendingCreate: { key: "k", nonce: "n", at: "2026-01-01T00:00:00Z" } }],
    ["a client", "M2MClient", "client", { outputs: [{ kind: "Secret", name: "client" }] }],
    ["a grant", "ScopeGrant", "grant", { lastCheckedAt: "2026-01-01T00:00:00Z" }],
  ])("what only concerns %s itself, and the word for how it is, wakes nobody", (_what, kind, name, status) => {
    const { put, woken } = chain();
    put(kind, name, { status: { ...ready, providerRef: PROVIDER_REF, ...status } });
    expect(woken()).toEqual({});
  });

  it("a Secret that carries a grant in another way concerns that grant alone", () => {
    const { put, woken } = chain();
    put("ScopeGrant", "other", { status: { ...ready, providerRef: PROVIDER_REF } });
    woken();
    const published = (scopes: string[]) => [{ name: "grant", uid: "ScopeGrant-grant", scopes }];
    put("M2MClient", "client", { status: { ...ready, providerRef: PROVIDER_REF, grants: published(["a"]) } });
    expect(woken()).toEqual({ [GRANT]: "drift" });
  });

  it("a client that prunes hears when a grant has got what it asks for; another does not", () => {
    for (const [policy, expected] of [
      ["Prune", { [CLIENT]: "creation" }],
      ["Report", {}],
    ] as const) {
      const { put, woken } = chain({ ScopeGrant: waiting });
      put("M2MClient", "client", {
        spec: { unmanagedGrants: { policy } },
        status: { ...ready, providerRef: PROVIDER_REF },
      });
      woken();
      put("ScopeGrant", "grant", { status: { ...waiting, ...ready, providerRef: PROVIDER_REF } });
      expect(woken()).toEqual(expected);
    }
  });

  it("ten thousand clients are not ten thousand edits, however often their provider reports", () => {
    const { put, woken } = chain();
    for (let i = 0; i < 10_000; i++) put("M2MClient", `client-${String(i)}`, { status: ready });
    woken();
    for (let i = 0; i < 3; i++)
      put("ClusterIdentityProvider", "default", { status: { ...ready, oldestReadAt: String(i) } });
    const counts = Object.groupBy(Object.values(woken()), (workClass) => workClass);
    expect(Object.keys(counts)).toEqual(["drift"]);
  });

  it.each<[string, Kind, string, Shape]>([
    ["its API arrived", "OAuthApi", "api", { status: ready }],
    ["its client arrived", "M2MClient", "client", { status: ready }],
    [
      "its provider became usable",
      "ClusterIdentityProvider",
      "default",
      { status: { ...ready, lastCheckedAt: "now" } },
    ],
  ])("a grant that waits is made before any drift when %s", (_what, kind, name, shape) => {
    const { put, woken } = chain({ [kind]: waiting, ScopeGrant: { ...waiting, externalId: undefined } });
    put(kind, name, shape);
    expect(woken()[GRANT]).toBe("creation");
  });

  it("a client that is Ready learns of its first grant before any drift", () => {
    const { put, woken } = chain({ ScopeGrant: { ...waiting, externalId: undefined } });
    put("ScopeGrant", "grant", { status: { ...ready, providerRef: PROVIDER_REF } });
    expect(woken()[CLIENT]).toBe("creation");
  });

  it("what is stalled waits for a person, and so does not hurry", () => {
    const { put, woken } = chain({ ScopeGrant: { ...stalled, externalId: undefined } });
    put("ClusterIdentityProvider", "default", { status: { ...ready, lastCheckedAt: "now" } });
    expect(woken()[GRANT]).toBe("drift");
  });

  it("a leaked client is woken as such, whoever wakes it", () => {
    const { put, woken } = chain();
    const metadata = { annotations: { "m2m-operator.io/compromised-at": "2026-01-02T00:00:00Z" } };
    put("M2MClient", "client", { metadata, status: ready });
    woken();
    put("ClusterIdentityProvider", "default", { status: { ...ready, lastCheckedAt: "now" } });
    expect(woken()[CLIENT]).toBe("compromised");
  });

  it("a provider that is being deleted is woken when a dependent is gone, and no other is", () => {
    const used = chain();
    used.remove("OAuthApi", "api");
    expect(used.woken()[PROVIDER]).toBeUndefined();
    const going = chain();
    going.put("ClusterIdentityProvider", "default", {
      metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" },
      status: ready,
    });
    going.woken();
    going.remove("OAuthApi", "api");
    expect(going.woken()[PROVIDER]).toBe("deletion");
  });
});

describe("a Secret or ConfigMap", () => {
  const scope = { workClass: "resync", namespace: "ns", signal: new AbortController().signal } as const;

  it("that somebody else changed or took away is put back at once", () => {
    const { put, remove, woken } = chain();
    put("Secret", "client");
    expect(woken()).toEqual({ [CLIENT]: "userChange" });
    remove("Secret", "client");
    expect(woken()).toEqual({ [CLIENT]: "userChange" });
    put("ConfigMap", "api-values");
    expect(woken()).toEqual({ [API]: "userChange" });
  });

  it("that a pass wrote is as urgent as that pass", async () => {
    const { put, woken } = chain();
    await runInScope(scope, () => {
      put("Secret", "client");
      put("ConfigMap", "api-values");
      return Promise.resolve();
    });
    expect(woken()).toEqual({ [CLIENT]: "resync", [API]: "resync" });
  });
});

it("what a pass wrote does not wake its own object, which looks after each step, but others", async () => {
  const { put, woken } = chain();
  const scope = { workClass: "userChange", namespace: "ns", signal: new AbortController().signal } as const;
  await runInScope({ ...scope, key: CLIENT }, () => {
    put("Secret", "client");
    return Promise.resolve();
  });
  expect(woken()).toEqual({});
  await runInScope({ ...scope, key: GRANT }, () => {
    put("Secret", "client");
    return Promise.resolve();
  });
  expect(woken()).toEqual({ [CLIENT]: "userChange" });
});

describe("a Namespace", () => {
  it.each<[string, Shape, WorkClass | undefined]>([
    ["a label", { metadata: { labels: { team: "b" } } }, "userChange"],
    ["its deletion", { metadata: { labels: { team: "a" }, deletionTimestamp: "2026-01-01T00:00:00Z" } }, "userChange"],
    ["an annotation", { metadata: { labels: { team: "a" }, annotations: { a: "b" } } }, undefined],
  ])("wakes what is in it by %s: %s", (_what, shape, expected) => {
    const { put, woken } = chain();
    put("Namespace", "ns", { metadata: { labels: { team: "a" } } });
    woken();
    put("Namespace", "ns", shape);
    expect(woken()[GRANT]).toBe(expected);
    expect(woken()[API]).toBeUndefined();
  });
});

it("what somebody changed at the tenant is drift for those it belongs to", () => {
  const { caches } = chain();
  const woken: string[] = [];
  enqueueDrift(caches, (key, workClass) => woken.push(`${textOfKey(key)} ${workClass}`), {
    kind: "client",
    ref: "id" as never,
  });
  expect(woken).toEqual([`${CLIENT} drift`]);
});

describe("what is applied together", () => {
  const first = (): World => {
    const made = world();
    made.put("ClusterIdentityProvider", "default", { status: ready });
    made.woken();
    return made;
  };
  const PENDING = { conditions: [{ type: "Ready", status: "Unknown", reason: "Pending" }] };

  it("a grant has its first pass once client and API have had theirs, in whatever order they came", () => {
    const { put, woken } = first();
    put("OAuthApi", "api");
    put("M2MClient", "client");
    put("ScopeGrant", "grant");
    expect(woken()).toEqual({ [API]: "creation", [CLIENT]: "creation" });
    put("M2MClient", "client", { status: PENDING });
    put("M2MClient", "client", { status: waiting });
    expect(woken()).toEqual({});
    put("OAuthApi", "api", { status: ready });
    expect(woken()).toEqual({ [GRANT]: "creation" });
  });

  it.each<[string, (made: World) => void]>([
    [
      "cannot be made",
      ({ put }) => {
        put("M2MClient", "client", { status: stalled });
      },
    ],
    [
      "is deleted",
      ({ put }) => {
        put("M2MClient", "client", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } });
      },
    ],
    [
      "is gone",
      ({ remove }) => {
        remove("M2MClient", "client");
      },
    ],
  ])("a grant is not forgotten when its client %s", (_what, happen) => {
    const made = first();
    made.put("OAuthApi", "api", { status: ready });
    made.put("M2MClient", "client");
    made.put("ScopeGrant", "grant");
    made.woken();
    happen(made);
    expect(made.woken()).toHaveProperty([GRANT], "creation");
  });

  it("a grant without client or API is told so at once", () => {
    const { put, woken } = first();
    put("ScopeGrant", "grant");
    expect(woken()).toEqual({ [GRANT]: "creation" });
  });

  it("what a creation makes possible takes its place in the line", async () => {
    const places: Record<string, number | undefined> = {};
    const caches = createCaches("operator", { error: () => undefined });
    wireTriggers(
      caches,
      (key, _workClass, since) => (places[textOfKey(key)] = since),
      () => true,
    );
    caches.m2mClients.put(object("M2MClient", "client") as never);
    caches.scopeGrants.put(object("ScopeGrant", "grant") as never);
    const scope = { workClass: "creation", namespace: "ns", since: 17, signal: new AbortController().signal } as const;
    await runInScope(scope, () =>
      Promise.resolve(caches.m2mClients.put(object("M2MClient", "client", { status: ready }) as never)),
    );
    expect(places).toEqual({ [CLIENT]: undefined, [GRANT]: 17 });
  });
});
