import { createHmac } from "node:crypto";
import { controlPlane } from "../integration/control-plane.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { type RunningOperator, startOperator } from "../../src/assembly/operator.ts";
import { loadConfig } from "../../src/config.ts";
import { proofOf } from "../../src/ownership/status-proof.ts";
import type { Resource } from "../../src/ports/resource.ts";
import { createLogger } from "../../src/telemetry/log.ts";
import { bindOwnNamespace, bindWatchedNamespace } from "../integration/operator-access.ts";
import { remembered } from "../integration/running-operators.ts";
import { admin, type AnyObject, type Cluster, conditionOf, eventually } from "../integration/cluster.ts";

const API_VERSION = "m2m-operator.io/v1alpha1";

/** A cluster, a tenant, and the operator between them. */
export interface World {
  readonly cluster: Cluster;
  readonly sandbox: Sandbox;
  /** Name of the ClusterIdentityProvider. */
  readonly provider: string;
  /** Where the operator's Lease and credentials are. */
  readonly systemNamespace: string;
  /** Every line the operator logged. */
  readonly logs: string[];
  readonly operator: () => RunningOperator;
  /** With further flags for this start. */
  startOperator(...flags: readonly string[]): Promise<void>;
  /** Replaces the consent rules of the provider. */
  allow(...rules: readonly object[]): Promise<void>;
  /** Merges into the spec of the provider. */
  configure(spec: object): Promise<void>;
  /** What the operator would write as `status.proof` of this object, were this its status. */
  proofOf(object: AnyObject, status: object): Promise<string>;
  /** The tenant's object behind a resource, as the tenant has it. */
  remoteApi(audience: string): Readonly<Record<string, unknown>> | undefined;
  remoteClient(clientId: unknown): Readonly<Record<string, unknown>> | undefined;
  remoteGrants(clientId: unknown): readonly Readonly<Record<string, unknown>>[];
  annotate(kind: string, namespace: string, name: string, key: string, value: string | null): Promise<void>;
  stopOperator(): Promise<void>;
  /** A namespace that the provider allows. */
  namespace(): Promise<string>;
  resource(kind: string, namespace: string, name: string, spec: object, metadata?: object): object;
  api(namespace: string, name: string, spec?: object): Promise<AnyObject>;
  client(namespace: string, name: string, spec?: object): Promise<AnyObject>;
  grant(namespace: string, name: string, spec: object): Promise<AnyObject>;
  ready(kind: string, namespace: string, name: string, reason?: string): Promise<AnyObject>;
  /** Waits until Ready has this reason. */
  reason(kind: string, namespace: string, name: string, reason: string): Promise<AnyObject>;
  gone(kind: string, namespace: string, name: string): Promise<void>;
  end(): Promise<void>;
}

let counter = 0;

/** One world per file. Its provider has a name of its own, since the control plane is shared. */
export async function createWorld(
  options: {
    readonly driftInterval?: string;
    readonly sandbox?: Parameters<typeof startSandbox>[0];
    readonly flags?: readonly string[];
    readonly provider?: object;
    /** Default: auth0. */
    readonly vendor?: Vendor;
    /** In place of a simulated tenant. */
    readonly tenant?: RealTenant;
    /** How long a resource may take to become Ready. Default: 20 s. */
    readonly patienceMs?: number;
    /** The only namespaces that the operator watches and holds a Role in. Default: all of the cluster. */
    readonly watch?: readonly string[];
  } = {},
): Promise<World> {
  const { vendor = "auth0", watch, tenant, patienceMs = 20_000 } = options;
  const mode = watch === undefined ? "cluster" : "namespaced";
  const cluster = admin();
  const sandbox = await startSandbox(options.sandbox);
  const provider = `tenant-${String(process.pid)}-${String(counter++)}`;
  const systemNamespace = await cluster.createNamespace();
  await bindOwnNamespace(cluster, mode, systemNamespace);
  await Promise.all((watch ?? []).map((namespace) => bindWatchedNamespace(cluster, namespace)));
  const logs: string[] = [];
  const made: string[] = [...(watch ?? [])];
  let operator: RunningOperator | undefined;
  const configWith = (flags: readonly string[]) =>
    loadConfig(
      [
        ...["--instance-id", provider, "--namespace", systemNamespace],
        ...["--kubeconfig", controlPlane().operatorKubeconfigs[mode]],
        ...(watch === undefined ? [] : ["--watch-namespaces", watch.join(",")]),
        ...[
          "--http-address",
          "127.0.0.1:0",
          "--allowed-hosts",
          tenant?.host ?? `${sandbox.auth0.domain},${sandbox.tenant.customDomain ?? ""}`,
          "--allow-private-addresses",
          "true",
        ],
        ...["--log-level", "debug", "--provider-timeout-ms", "1500", "--settle-ms", "300", "--orphan-after-ms", "1000"],
        ...flags,
      ],
      {},
    );
  const namespaces = { from: "Selector", selector: { matchLabels: { world: provider } } };
  const resource: World["resource"] = (kind, namespace, name, spec, metadata = {}) => ({
    apiVersion: API_VERSION,
    kind,
    metadata: { name, ...(namespace === "" ? {} : { namespace }), ...metadata },
    spec,
  });
  const credentials = tenant === undefined ? credentialsOf(sandbox, vendor) : tenant.credentials;
  const credentialsRef = await storeCredentials(cluster, { name: provider, namespace: systemNamespace }, credentials);
  await cluster.apply(
    resource("ClusterIdentityProvider", "", provider, {
      ...(tenant?.spec ?? specOf(sandbox, vendor)),
      ...credentialsRef,
      driftInterval: options.driftInterval ?? "1h",
      rateLimit: { requestsPerMinute: 60_000, burst: 2000, sharePercent: 100 },
      allow: [{ namespaces }],
      ...options.provider,
    }),
  );
  const providerRef = { kind: "ClusterIdentityProvider", name: provider };
  const reason: World["reason"] = (kind, namespace, name, wanted) =>
    eventually(
      () => cluster.get(kind, namespace, name),
      (object) =>
        conditionOf(object, "Ready")?.reason === wanted && object?.metadata !== undefined && isCurrent(object),
      `${kind} ${namespace}/${name} with reason ${wanted}`,
      patienceMs,
    ) as Promise<AnyObject>;
  const world: World = {
    cluster,
    sandbox,
    provider,
    systemNamespace,
    logs,
    operator: () => {
      if (operator === undefined) throw new Error("the operator does not run");
      return operator;
    },
    startOperator: async (...flags) => {
      // One that is forgotten keeps leading, and the one whose metrics are read stands by.
      if (operator !== undefined) throw new Error("the operator runs already");
      const config = configWith([...(options.flags ?? []), ...flags]);
      const log = createLogger("debug", { write: (line) => logs.push(line) });
      operator = remembered(await startOperator(config, log));
    },
    stopOperator: async () => {
      await operator?.stop();
      operator = undefined;
    },
    namespace: async () => {
      const name = await cluster.createNamespace({ world: provider });
      made.push(name);
      return name;
    },
    resource,
    api: (namespace, name, spec = {}) =>
      cluster.apply(
        resource("OAuthApi", namespace, name, {
          providerRef,
          audience: `https://${namespace}.example.com/${name}`,
          scopes: [{ name: "read:things", description: "Read things" }, { name: "write:things" }],
          ...spec,
        }),
      ),
    client: (namespace, name, spec = {}) =>
      cluster.apply(resource("M2MClient", namespace, name, { providerRef, ...spec })),
    grant: (namespace, name, spec) => cluster.apply(resource("ScopeGrant", namespace, name, spec)),
    allow: (...rules) => world.configure({ allow: rules.map((rule) => ({ namespaces, ...rule })) }),
    configure: async (spec) => {
      await cluster.patch("ClusterIdentityProvider", "", provider, { spec });
      await reason("ClusterIdentityProvider", "", provider, "Ready");
    },
    proofOf: async (object, status) => {
      const secret = await cluster.get("Secret", systemNamespace, "m2m-operator-proof-key");
      const key = Buffer.from(secret?.data?.["key"] ?? "", "base64");
      const sign = (text: string): string => createHmac("sha256", key).update(text).digest("hex");
      return proofOf(object as unknown as Resource, status, provider, sign);
    },
    remoteApi: (audience) =>
      [...sandbox.tenant.state.resourceServers.values()].find(({ identifier }) => identifier === audience),
    remoteClient: (clientId) => sandbox.tenant.state.clients.get(String(clientId)),
    remoteGrants: (clientId) =>
      [...sandbox.tenant.state.grants.values()].filter((grant) => grant.client_id === clientId),
    annotate: async (kind, namespace, name, key, value) => {
      await cluster.patch(kind, namespace, name, { metadata: { annotations: { [`m2m-operator.io/${key}`]: value } } });
    },
    ready: (kind, namespace, name) => reason(kind, namespace, name, "Ready"),
    reason,
    gone: async (kind, namespace, name) => {
      await eventually(
        () => cluster.get(kind, namespace, name),
        (object) => object === undefined,
        `${kind} ${namespace}/${name} gone`,
        patienceMs,
      );
    },
    end: async () => {
      if (operator === undefined) await world.startOperator();
      await Promise.all(made.map((name) => emptied(cluster, name)));
      // The namespaces stay: to remove one takes dozens of requests.
      await cluster.remove("ClusterIdentityProvider", "", provider);
      await world.gone("ClusterIdentityProvider", "", provider);
      await world.stopOperator();
      await sandbox.close();
      await cluster.close();
    },
  };
  await world.startOperator();
  return world;
}

/** Returns how the spec of the provider object names the Secret. */
async function storeCredentials(
  cluster: Cluster,
  metadata: { readonly name: string; readonly namespace: string },
  stringData: Readonly<Record<string, string>> | undefined,
): Promise<object> {
  if (stringData === undefined) return {};
  await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData });
  return { credentialsSecretRef: { name: metadata.name } };
}

/** In the order in which they need each other, so that every one of them ends at once. */
const KINDS = ["ScopeGrant", "M2MClient", "OAuthApi", "IdentityProvider"];

async function emptied(cluster: Cluster, namespace: string): Promise<void> {
  for (const kind of KINDS) {
    const names = (await cluster.list(kind, namespace)).map(({ metadata }) => metadata.name);
    // Whatever the test left on it at the tenant.
    const annotations = { "m2m-operator.io/force-delete": "true" };
    if (kind === "OAuthApi")
      await Promise.all(names.map((name) => cluster.patch(kind, namespace, name, { metadata: { annotations } })));
    await Promise.all(names.map((name) => cluster.remove(kind, namespace, name)));
    for (const name of names)
      await eventually(
        () => cluster.get(kind, namespace, name),
        (object) => object === undefined,
        `${kind} ${namespace}/${name} gone`,
        60_000,
      );
  }
}

type Vendor = "auth0" | "okta";

/** A tenant of a server that is no sandbox. */
export interface RealTenant {
  /** Of the provider object: where it is, and whom to trust. */
  readonly spec: object;
  /** `undefined`: there is no Secret, and the provider object names none. */
  readonly credentials: Readonly<Record<string, string>> | undefined;
  readonly host: string;
}

const specOf = ({ auth0, okta, caPem }: Sandbox, vendor: Vendor): object => ({
  ...(vendor === "okta" ? { okta: { orgUrl: okta.url } } : { auth0: { domain: auth0.domain } }),
  caBundle: caPem,
});

/** What the operator authenticates with. */
function credentialsOf({ auth0, okta }: Sandbox, vendor: Vendor): Readonly<Record<string, string>> {
  if (vendor === "okta") return { api_token: okta.apiToken };
  return { client_id: auth0.clientId, client_secret: auth0.clientSecret };
}

/** Status speaks of the spec as it is now. */
function isCurrent(object: AnyObject): boolean {
  const { generation } = object.metadata as { readonly generation?: number };
  return object.status?.["observedGeneration"] === generation;
}
