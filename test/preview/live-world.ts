import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
import type { Sandbox } from "../../sandbox/start.ts";
import { createCaches } from "../../src/assembly/caches.ts";
import { createMemory } from "../../src/assembly/forgetting.ts";
import type { ServedWrite } from "../../src/assembly/preview/api-server.ts";
import { applyChange, type Change } from "../../src/assembly/preview/change.ts";
import { createLoop } from "../../src/assembly/preview/loop.ts";
import { LIMITS } from "../../src/assembly/preview/preview.ts";
import { createWorld, type LiveWorld, type World } from "../../src/assembly/preview/world.ts";
import type { KindContext } from "../../src/kinds/kind-context.ts";
import { KubeError } from "../../src/kube/kube-error.ts";
import { createServiceAccounts } from "../../src/kube/service-accounts.ts";
import { makeKeyPair } from "../../src/kinds/m2m-client/credential/key-pair.ts";
import { type TenantCall, tellingWrites } from "../../src/preview/tenant/writes.ts";
import type { Provider } from "../../src/ports/provider.ts";
import { createConnections } from "../../src/tenant/connections.ts";
import { connected } from "../contract/connected.ts";
import { naming } from "./trace.ts";
import type { Vendor } from "../contract/ways.ts";

export const PROVIDER = "tenant";
const PROVIDER_UID = "99999999-9999-4999-8999-999999999999";
/** Worlds on one tenant know nothing of each other. */
let worlds = 0;
const hmac = (text: string): string => createHmac("sha256", "key").update(text).digest("hex");

/** The real kinds and a real adapter on a simulated tenant. The cluster is in memory. */
export interface PlayedWorld {
  readonly live: LiveWorld;
  readonly provider: Provider;
  /** Applies a change, and lets the operator's loop work until it is quiet. */
  play(change: Change): Promise<void>;
}

export interface Listeners {
  readonly onWrite?: (write: ServedWrite) => void;
  readonly onCall?: (call: TenantCall) => void;
  /** Told of every value that the tenant chooses, and whether it is the ID of a key. */
  readonly onChosen?: (value: string | undefined, isKey?: boolean) => void;
}

export const credentialsOf = (vendor: Vendor, { auth0, okta }: Sandbox) =>
  vendor === "auth0"
    ? {
        variant: { domain: auth0.domain },
        credentials: { client_id: auth0.clientId, client_secret: auth0.clientSecret },
      }
    : {
        variant: { orgUrl: okta.url },
        credentials: { client_id: okta.clientId, private_key: okta.privateKey, key_id: okta.keyId },
      };

/** Key pairs take long to make, and a client has no two of this pool. */
const pool = Promise.all([1, 2, 3].map(() => makeKeyPair("RS256")));
let drawn = 0;
export const pooledKey = async () => {
  const keys = await pool;
  const key = keys[drawn++ % keys.length];
  if (key === undefined) throw new Error("the pool of keys is empty");
  return key;
};

export async function startWorld(
  vendor: Vendor,
  sandbox: Sandbox,
  allow: readonly object[] | ((provider: Provider) => Promise<readonly object[]>),
  { onWrite = () => undefined, onCall = () => undefined, onChosen = () => undefined }: Listeners = {},
): Promise<PlayedWorld> {
  const { variant, credentials } = credentialsOf(vendor, sandbox);
  const provider = await connected(vendor, sandbox, variant, credentials, { timeoutMs: 60_000 });
  const probe = await provider.probe();
  await provider.refresh(new Date(0));
  const connections = createConnections();
  const at = new Date();
  connections.set(PROVIDER_UID, { provider, madeFrom: "1", connectedAt: at, probe, probedAt: at });
  const instance = `preview-${String(++worlds)}`;
  const base = baseWorld(connections, instance, {
    [vendor]: variant,
    allow: typeof allow === "function" ? await allow(provider) : allow,
  });
  const world: World = createWorld({
    live: base,
    onWrite,
    tenantOf: (_uid, real) => tellingWrites(naming(real, onChosen), onCall),
    key: pooledKey,
    ids: { newUid: () => randomUUID(), nonce: () => randomBytes(8).toString("hex") },
  });
  return {
    provider,
    live: {
      caches: world.caches,
      connection: world.server,
      context: { ...world.context, connections },
      prover: base.prover,
    },
    play: async (change) => {
      // What the queue remembers of earlier work, such as whose turn it is, is no part of the change.
      const loop = createLoop({
        ...{ world, limits: { ...LIMITS, horizonMs: 24 * 3_600_000 }, onPass: () => undefined },
        lastWriteMs: () => world.clock.monotonicMs(),
      });
      applyChange(world, change);
      await loop.run(new AbortController().signal);
    },
  };
}

/** An API server that has no object. */
const NOTHING = { request: () => Promise.reject(new KubeError(404, "NotFound", "not found")) };

function baseWorld(connections: KindContext["connections"], instance: string, spec: object): LiveWorld {
  const caches = createCaches("m2m-operator", { error: (fields) => console.error(fields) });
  caches.clusterIdentityProviders.put({
    apiVersion: "m2m-operator.io/v1alpha1",
    kind: "ClusterIdentityProvider",
    metadata: { name: PROVIDER, uid: PROVIDER_UID, resourceVersion: "1", generation: 1 },
    spec: { ...spec, credentialsSecretRef: { name: "credentials" } },
  });
  for (const name of ["payroll", "billing"])
    caches.namespaces.put({ metadata: { name, uid: `uid-${name}`, resourceVersion: "1", labels: { team: name } } });
  return {
    caches,
    connection: NOTHING,
    context: contextOf(connections, instance),
    prover: { instance, sign: hmac },
  };
}

function contextOf(connections: KindContext["connections"], instance: string): KindContext {
  const parts = {
    pods: undefined,
    serviceAccounts: createServiceAccounts(NOTHING, { requestsTokens: false }),
    connections,
    memory: createMemory(),
    settings: {
      instanceId: instance,
      startedAt: new Date(),
      operatorNamespace: "m2m-operator",
      clusterProviders: true,
      createTiming: { providerTimeoutMs: 1000, settleMs: 300 },
      orphanAfterMs: 3_600_000,
      recover: false,
      seesEveryNamespace: true,
      maxRevocations: 100,
    },
    nonce: () => hmac(String(Math.random())).slice(0, 16),
    fingerprint: (value: string) => createHmac("sha256", "test").update(value).digest("hex"),
    sha256: (text: string) => createHash("sha256").update(text).digest("hex"),
    now: () => new Date(),
  };
  return parts as unknown as KindContext;
}
