import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import { loadConfig } from "../../src/config.ts";
import type { Row } from "../rows.ts";
import type { Converged } from "./convergence.ts";
import { LOAD } from "./convergence.ts";
import { documentsOf } from "./documents.ts";
import { startLimitedNode } from "./limited-node.ts";
import { createAll, createNamespaces } from "./load.ts";
import { type Plan, tracksOf } from "./plan.ts";
import type { Stand } from "./stand.ts";

const FLOOR = "floor";
/** As many as the operator opens to the API server and to a tenant. */
const CONNECTIONS = { kube: 32, tenant: 16 };

/**
 * Sends what the operator sent, for as many other objects, which are applied in the same way while it runs. The operator
 * must have ended. Wall time is counted from the first create, as the operator's is.
 */
export async function measureFloor(stand: Stand, converged: Converged): Promise<readonly Row[]> {
  const { dir, row, say, connection, size } = stand;
  const documents = documentsOf(size, FLOOR);
  await createNamespaces(connection, documents);
  const plan = join(dir, "plan.json");
  writeFileSync(plan, JSON.stringify(planOf(stand, converged)), { mode: 0o600 });
  say("floor: the same requests by a bare process …");
  const child = startLimitedNode(stand, [join(import.meta.dirname, "bare.ts"), plan], ["pipe", "pipe", "inherit"]);
  if (child.stdout === null) throw new Error("the bare process has no output");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const startedAt = performance.now();
  const created = createAll(connection, documents, ({ index, uid, resourceVersion }) => {
    child.stdin?.write(`${String(index)} ${uid} ${resourceVersion}\n`);
  });
  const last = await lines.next();
  const wallSeconds = (performance.now() - startedAt) / 1000;
  await created;
  if (last.done === true) throw new Error("the bare process ended before it was done");
  const { cpuSeconds, different } = JSON.parse(last.value) as {
    readonly cpuSeconds: number;
    readonly different: number;
  };
  const [cpuBound, wallBound] = size.latencyMs === 0 ? [2, undefined] : [undefined, 1.5];
  return [
    row("floor: wall time", wallSeconds, "s"),
    row("floor: CPU", cpuSeconds, "s"),
    row("floor: answers with another status than the operator's", different, "answers", 0),
    row("wall time, divided by the floor", converged.wallSeconds / wallSeconds, "times", wallBound),
    row("CPU, divided by the floor", converged.cpuSeconds / cpuSeconds, "times", cpuBound),
  ];
}

function planOf({ operatorKubeconfig, sandbox }: Stand, { recorded }: Converged): Plan {
  const { auth0, caPem } = sandbox;
  const config = parse(readFileSync(operatorKubeconfig, "utf8")) as {
    readonly clusters: readonly { readonly cluster: { server: string; "certificate-authority-data": string } }[];
    readonly users: readonly { readonly user: { "client-certificate-data": string; "client-key-data": string } }[];
  };
  const [cluster, user] = [config.clusters[0]?.cluster, config.users[0]?.user];
  if (cluster === undefined || user === undefined)
    throw new Error("the operator's kubeconfig names no cluster or user");
  const decoded = (text: string): string => Buffer.from(text, "base64").toString();
  const credentials = { client_id: auth0.clientId, client_secret: auth0.clientSecret };
  const body = { grant_type: "client_credentials", audience: `${auth0.url}/api/v2/`, ...credentials };
  return {
    kube: {
      server: cluster.server,
      ca: decoded(cluster["certificate-authority-data"]),
      cert: decoded(user["client-certificate-data"]),
      key: decoded(user["client-key-data"]),
      connections: CONNECTIONS.kube,
    },
    tenant: { url: auth0.url, ca: caPem, connections: CONNECTIONS.tenant },
    concurrency: loadConfig(["--instance-id", "bench"], {}).concurrency,
    first: [{ to: "tenant", method: "POST", path: "/oauth/token", status: 200, body }],
    tracks: tracksOf(recorded, LOAD, FLOOR),
  };
}
