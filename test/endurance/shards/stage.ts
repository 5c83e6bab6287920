import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import type { Cluster } from "../../integration/cluster.ts";
import { createEdits, type Edits } from "../edits.ts";
import type { Random } from "../random.ts";
import { applyTenant } from "../tenant.ts";
import { differencesIn } from "../verdict.ts";
import { type Callers, createCallers } from "./callers.ts";
import { shardOfTenant } from "../../../src/sharding/rendezvous.ts";
import { type CallBy, objectionsTo } from "./judge.ts";
import { type Replica, type ReplicaRun, shardsAt, startReplica } from "./replicas.ts";

export const SHARDS = 6;

export interface Stage {
  readonly tenants: readonly Tenant[];
  readonly replicas: readonly Replica[];
  readonly edits: Edits;
  /** Every call of every tenant so far. */
  readonly calls: readonly CallBy[];
  /** What the call logs say against it that no tenant was called by two at once. `settleMs`: see `objectionsTo`. */
  objections(settleMs: number): readonly string[];
  /** Which resources, tenants and Secrets are not as they should be; none when all are equal. */
  differences(): Promise<readonly string[]>;
  end(): Promise<void>;
}

/** One namespace with one tenant of its own. */
export interface Tenant {
  readonly namespace: string;
  readonly sandbox: Sandbox;
}

export interface StageOptions {
  readonly cluster: Cluster;
  readonly random: Random;
  readonly namespaces: readonly string[];
  /** Arguments of Node for one process, its program first. */
  readonly args: readonly string[];
  readonly replicas: readonly string[];
  /** How long each call takes at the tenants, in milliseconds. */
  readonly latencyMs: number;
}

/** Tenants, processes of the operator that share them, and who calls whom. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const { cluster, random, namespaces, latencyMs } = options;
  const callers = createCallers();
  const calls: CallBy[] = [];
  const blows: { readonly run: ReplicaRun; readonly at: number }[] = [];
  const onBlow = (run: ReplicaRun, at: number): void => {
    blows.push({ run, at });
  };
  const tenants: Tenant[] = [];
  for (const namespace of namespaces) {
    const sandbox = await startSandbox();
    sandbox.tenant.knobs.latencyMs = latencyMs;
    recordCalls(sandbox, namespace, callers, calls);
    // A token that is requested while somebody replaces the grant is refused, and that is shown until the next change.
    await applyTenant(cluster, sandbox, namespace, { verification: { policy: "Never" } });
    tenants.push({ namespace, sandbox });
  }
  const hosts = tenants.map(({ sandbox }) => sandbox.auth0.domain).join(",");
  const flags = ["--shards", String(SHARDS), "--allowed-hosts", hosts, "--http-address", "127.0.0.1:0"];
  const args = [...options.args, ...flags, "--allow-private-addresses", "true", "--log-level", "info"];
  const replicas = await Promise.all(options.replicas.map((name) => startReplica({ name, args, callers, onBlow })));
  return {
    ...{ tenants, replicas, calls },
    objections: (settleMs) => {
      const told = blows.map(({ run, at }) => ({ who: run.who, at, tenants: tenantsIn(tenants, shardsAt(run, at)) }));
      return objectionsTo(calls, told, settleMs);
    },
    edits: createEdits(cluster, namespaces, random),
    differences: () => differencesAmong(cluster, tenants, replicas),
    end: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await Promise.all(tenants.map(({ sandbox }) => sandbox.close()));
    },
  };
}

const tenantsIn = (tenants: readonly Tenant[], shards: ReadonlySet<number>): readonly string[] =>
  tenants.filter((tenant) => shards.has(shardOf(tenant))).map(({ namespace }) => namespace);

/** The operator's, by the same hash. */
export const shardOf = ({ sandbox }: Tenant): number => shardOfTenant(sandbox.auth0.domain, SHARDS);

function recordCalls({ calls, auth0 }: Sandbox, tenant: string, callers: Callers, record: CallBy[]): void {
  calls.onCall(({ at, tookMs, callerPort, method, path }) => {
    const from = Date.parse(at);
    const who = callers.whoHas(Number(new URL(auth0.url).port), callerPort) ?? "nobody";
    record.push({ tenant, who, from, to: from + tookMs, what: `${method} ${path}` });
  });
}

async function differencesAmong(
  cluster: Cluster,
  tenants: readonly Tenant[],
  replicas: readonly Replica[],
): Promise<readonly string[]> {
  const urls = replicas.map((replica) => metricsUrlOf(replica));
  const all = tenants.map(async ({ namespace, sandbox }) => [
    ...(await differencesIn(cluster, sandbox, [namespace], urls)),
    ...(await invalidSecrets(cluster, sandbox, namespace)),
  ]);
  return (await Promise.all(all)).flat();
}

export function metricsUrlOf(replica: Replica): string {
  const port = replica.current().lines.find(({ msg }) => msg === "started")?.["metricsPort"];
  return `http://127.0.0.1:${String(port)}/metrics`;
}

async function invalidSecrets(cluster: Cluster, { tenant }: Sandbox, namespace: string): Promise<readonly string[]> {
  const clients = await cluster.list("M2MClient", namespace);
  const judged = clients.map(async ({ metadata: { name } }) => {
    const { client_id: id = "", client_secret: secret } = (await cluster.secret(namespace, name)) ?? {};
    return secret !== undefined && tenant.state.clients.get(id)?.["client_secret"] === secret
      ? []
      : [`the Secret of ${namespace}/${name} does not hold the client's secret`];
  });
  return (await Promise.all(judged)).flat();
}
