import { randomBytes } from "node:crypto";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { type Supervised, supervise } from "../endurance/operators.ts";
import { admin, type Cluster, eventually } from "../integration/cluster.ts";
import { type FaultProxy, startFaultProxy } from "../integration/kube/fault-proxy.ts";
import { bindOwnNamespace, bindWatchedNamespace } from "../integration/operator-access.ts";
import { holdingsOf } from "./holdings.ts";
import { type Legacy, makeLegacy } from "./legacy.ts";
import { type Saying, sayingsIn } from "./sayings.ts";
import { kubernetesPath, providerPath, type Step } from "./steps.ts";

export type Vendor = "auth0" | "okta";

/** A tenant, a way to the API server that can be spoilt, and a process of the operator between them; one case at a time. */
export interface Lane {
  readonly vendor: Vendor;
  readonly cluster: Cluster;
  readonly sandbox: Sandbox;
  readonly proxy: FaultProxy;
  readonly operator: Supervised;
  readonly namespace: string;
  /** What the tenant held before the first case: things of others, some of which may be adopted. */
  readonly baseline: readonly string[];
  readonly legacy: Legacy;
  /** What status said, in the order in which it was written. */
  readonly sayings: Saying[];
  /** Called with each call and write that was carried out, before the operator gets the answer. */
  readonly listeners: Set<(step: Omit<Step, "nth">) => void>;
  /** A number that no earlier case of this lane had. */
  next(): number;
  /** Asks the operator to read the tenant again, and waits until it did. */
  readAgain(): Promise<void>;
  end(): Promise<void>;
}

export interface Access {
  /** Of an administrator. */
  readonly kubeconfig: string;
  /** Of the user that the operators run as. */
  readonly operatorKubeconfig: string;
}

/** Long enough for a busy machine, short enough that three timeouts fit into a case. */
const PROVIDER_TIMEOUT_MS = 1000;

/** Starts everything and waits until the operator is connected to the tenant. */
export async function createLane(vendor: Vendor, { kubeconfig, operatorKubeconfig }: Access): Promise<Lane> {
  const cluster = admin(kubeconfig);
  const sandbox = await startSandbox();
  const namespace = await cluster.createNamespace();
  const system = await cluster.createNamespace();
  await bindOwnNamespace(cluster, "namespaced", system);
  await bindWatchedNamespace(cluster, namespace);
  const legacy = await makeLegacy(vendor, sandbox);
  await connectTenant(cluster, sandbox, vendor, namespace, legacy);
  const proxy = await startFaultProxy(operatorKubeconfig);
  const sayings: Saying[] = [];
  const listeners: Lane["listeners"] = new Set();
  const tell = (step: Omit<Step, "nth">): void => {
    for (const listener of listeners) listener(step);
  };
  sandbox.calls.onCall(({ method, path }) => {
    tell({ at: "provider", method, path: providerPath(path) });
  });
  proxy.onAnswer((method, url, body, status) => {
    if (status < 300) sayings.push(...sayingsIn(method, url, body));
    const path = kubernetesPath(namespace, method, url);
    if (path !== undefined) tell({ at: "kubernetes", method, path });
  });
  const operator = supervise(vendor, [
    ...["--instance-id", `faults-${randomBytes(3).toString("hex")}`, "--namespace", system],
    ...["--kubeconfig", proxy.kubeconfig, "--watch-namespaces", namespace, "--leader-election", "false"],
    ...["--http-address", "127.0.0.1:0", "--allow-private-addresses", "true"],
    ...["--allowed-hosts", sandbox.auth0.domain, "--settle-ms", "800", "--log-level", "debug"],
    ...["--provider-timeout-ms", String(PROVIDER_TIMEOUT_MS)],
  ]);
  const baseline = holdingsOf(vendor, sandbox);
  let counter = 0;
  const lane: Lane = {
    ...{ vendor, cluster, sandbox, proxy, operator, namespace, baseline, legacy, sayings, listeners },
    next: () => ++counter,
    readAgain: () => lookedAgain(cluster, namespace, String(++counter)),
    end: async () => {
      operator.kill("SIGKILL");
      await operator.stop();
      await freed(cluster, namespace);
      await Promise.all([namespace, system].map((name) => cluster.remove("Namespace", "", name)));
      await Promise.all([proxy.close(), sandbox.close()]);
      await cluster.close();
    },
  };
  await lane.readAgain();
  return lane;
}

async function connectTenant(
  cluster: Cluster,
  { auth0, okta, caPem }: Sandbox,
  vendor: Vendor,
  namespace: string,
  { clientId, audience }: Legacy,
): Promise<void> {
  const credentials =
    vendor === "okta" ? { api_token: okta.apiToken } : { client_id: auth0.clientId, client_secret: auth0.clientSecret };
  await cluster.apply({
    ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "tenant", namespace }, stringData: credentials },
  });
  await cluster.apply({
    apiVersion: "m2m-operator.io/v1alpha1",
    kind: "IdentityProvider",
    metadata: { name: "tenant", namespace },
    spec: {
      ...(vendor === "okta" ? { okta: { orgUrl: okta.url } } : { auth0: { domain: auth0.domain } }),
      ...{ credentialsSecretRef: { name: "tenant" }, caBundle: caPem },
      // No refresh that comes by itself heals anything below.
      driftInterval: "1h",
      rateLimit: { requestsPerMinute: 60_000, burst: 2000, sharePercent: 100 },
      allow: [{ audiences: ["*"], adopt: { clients: [clientId], audiences: [audience], shareCredential: true } }],
    },
  });
}

async function lookedAgain(cluster: Cluster, namespace: string, when: string): Promise<void> {
  const annotations = { "m2m-operator.io/reconcile-requested-at": when };
  await cluster.patch("IdentityProvider", namespace, "tenant", { metadata: { annotations } });
  await eventually(
    () => cluster.get("IdentityProvider", namespace, "tenant"),
    (provider) => provider?.status?.["lastHandledReconcileAt"] === when,
    "the tenant read again",
    60_000,
  );
}

/** Nobody is left who could remove the finalizers. */
async function freed(cluster: Cluster, namespace: string): Promise<void> {
  for (const kind of ["ScopeGrant", "M2MClient", "OAuthApi", "IdentityProvider", "Secret"])
    for (const { metadata } of await cluster.list(kind, namespace)) {
      if ((metadata.finalizers ?? []).length > 0)
        await cluster.patch(kind, namespace, metadata.name, { metadata: { finalizers: null } });
      await cluster.remove(kind, namespace, metadata.name);
    }
}
