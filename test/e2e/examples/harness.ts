import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Agent, fetch } from "undici";
import { controlPlane } from "../../integration/control-plane.ts";
import { ensureBinaries } from "../../../control-plane/binaries.ts";
import { rewriteExamples, type Tenants } from "../../../demo/examples.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import { startOperator } from "../../../src/assembly/operator.ts";
import { loadConfig } from "../../../src/config.ts";
import { createLogger } from "../../../src/telemetry/log.ts";
import { admin, type AnyObject, type Cluster, conditionOf, eventually } from "../../integration/cluster.ts";
import { bindOwnNamespace } from "../../integration/operator-access.ts";
import { remembered } from "../../integration/running-operators.ts";

const EXAMPLES = join(import.meta.dirname, "../../../deploy/examples");
const SYSTEM = "m2m-system";

type Vendor = "auth0" | "okta";

/** As the vendor's provider example names it. */
const PROVIDER: Readonly<Record<Vendor, string>> = { auth0: "default", okta: "okta" };

/** The examples as somebody would use them: a cluster, a tenant, the operator, and kubectl. */
export interface ExampleWorld {
  readonly cluster: Cluster;
  readonly sandbox: Sandbox;
  /** Trusts the sandbox. */
  readonly trust: Agent;
  /** Folder with the vendor's examples, rewritten for the sandbox. */
  readonly dir: string;
  readonly caFile: string;
  /** Runs the real kubectl; answers what it printed. */
  kubectl(...args: readonly string[]): Promise<string>;
  ready(kind: string, namespace: string, name: string): Promise<AnyObject>;
  reason(kind: string, namespace: string, name: string, reason: string): Promise<AnyObject>;
  /** Writes a Secret's values to files, as a mounted volume has them; answers the folder. */
  mount(namespace: string, secret: string): Promise<string>;
  /** Runs an example's program, or script, in a process of its own, which knows nothing but `env` and its arguments. */
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  /** Everything at the tenant, secrets as digests. */
  tenantState(): Promise<unknown>;
  end(): Promise<void>;
}

export async function createExampleWorld(
  vendor: Vendor = "auth0",
  moreOrgs: Tenants["moreOrgs"] = {},
  others: readonly Sandbox[] = [],
): Promise<ExampleWorld> {
  const cluster = admin();
  const sandbox = await startSandbox();
  const dir = mkdtempSync(join(tmpdir(), "m2m-examples-"));
  const examples = join(dir, vendor);
  rewriteExamples(dir, { ...sandbox, moreOrgs }, UNLIMITED);
  const caFile = join(dir, "ca.pem");
  writeFileSync(caFile, sandbox.caPem);
  const kubeconfig = controlPlane().kubeconfig;
  const kubectl: ExampleWorld["kubectl"] = async (...args) => {
    const binary = join(await ensureBinaries(() => undefined), "kubectl");
    const { stdout } = await promisify(execFile)(binary, [`--kubeconfig=${kubeconfig}`, ...args]);
    return stdout;
  };
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: SYSTEM } });
  for (const [name, stringData] of Object.entries(credentialsOf(sandbox)))
    await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: SYSTEM }, stringData });
  await bindOwnNamespace(cluster, "cluster", SYSTEM);
  const operator = remembered(
    await startOperator(
      configOf(controlPlane().operatorKubeconfigs.cluster, [sandbox, ...others]),
      createLogger("error", { write: () => undefined }),
    ),
  );
  const reason: ExampleWorld["reason"] = async (kind, namespace, name, wanted) =>
    (await eventually(
      () => cluster.get(kind, namespace, name),
      (object) =>
        conditionOf(object, "Ready")?.reason === wanted &&
        object?.status?.["observedGeneration"] === (object?.metadata as { generation?: number }).generation,
      `${kind} ${namespace}/${name} with reason ${wanted}`,
    )) as AnyObject;
  const ready: ExampleWorld["ready"] = (kind, namespace, name) => reason(kind, namespace, name, "Ready");
  const trust = new Agent({ connect: { ca: sandbox.caPem } });
  await kubectl("apply", "-k", join(examples, "provider"));
  await ready("ClusterIdentityProvider", "", PROVIDER[vendor]);
  return {
    cluster,
    sandbox,
    trust,
    dir: examples,
    caFile,
    kubectl,
    ready,
    reason,
    mount: async (namespace, secret) => {
      const folder = mkdtempSync(join(dir, "mounted-"));
      const data = (await cluster.secret(namespace, secret)) ?? {};
      for (const [key, value] of Object.entries(data)) writeFileSync(join(folder, key), value, { mode: 0o600 });
      return folder;
    },
    run: async (program, args, env = {}) => {
      const [binary, trusting] = program.endsWith(".sh")
        ? ["sh", { PATH: process.env["PATH"], CURL_CA_BUNDLE: caFile }]
        : [process.execPath, { NODE_EXTRA_CA_CERTS: caFile }];
      const file = join(EXAMPLES, vendor, program);
      const { stdout } = await promisify(execFile)(binary, [file, ...args], { env: { ...env, ...trusting } });
      return stdout;
    },
    tenantState: async () => {
      const answer = await fetch(`${sandbox.admin.url}/state/${vendor}`, { dispatcher: trust });
      return answer.json();
    },
    end: async () => {
      // After a test that failed half way, too: the next file wants an empty cluster.
      await kubectl("delete", "scopegrants,m2mclients,oauthapis", "--all", "-A", "--timeout=60s");
      await kubectl("delete", "-k", join(examples, "provider"), "--ignore-not-found", "--timeout=60s");
      await operator.stop();
      await cluster.remove("Namespace", "", SYSTEM);
      await eventually(
        () => cluster.get("Namespace", "", SYSTEM),
        (namespace) => namespace === undefined,
        `${SYSTEM} gone`,
      );
      await sandbox.close();
      await trust.close();
      await cluster.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What the provider examples refer to, by the name of the Secret. */
function credentialsOf({ auth0, okta }: Sandbox): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return {
    "auth0-management": { client_id: auth0.clientId, client_secret: auth0.clientSecret },
    "okta-management": { api_token: okta.apiToken },
    "okta-service-app": { client_id: okta.clientId, private_key: okta.privateKey, key_id: okta.keyId },
  };
}

function configOf(kubeconfig: string, sandboxes: readonly Sandbox[]) {
  return loadConfig(
    [
      ...["--instance-id", "examples", "--namespace", SYSTEM, "--kubeconfig", kubeconfig],
      ...[
        "--http-address",
        "127.0.0.1:0",
        "--allowed-hosts",
        // Both vendors of a sandbox are one server.
        sandboxes.map(({ auth0 }) => auth0.domain).join(","),
        "--allow-private-addresses",
        "true",
      ],
      ...["--provider-timeout-ms", "1500", "--settle-ms", "300", "--orphan-after-ms", "1000"],
    ],
    {},
  );
}

const UNLIMITED = "  rateLimit:\n    requestsPerMinute: 60000\n    burst: 2000\n";
