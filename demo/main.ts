import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { apply, type Environment, readExample, remove, startEnvironment, waitGone, waitReady } from "./environment.ts";
import { rewriteExamples } from "./examples.ts";
import { showWorkload } from "./workload.ts";

const { values } = parseArgs({
  options: {
    keep: { type: "boolean", default: false },
    dir: { type: "string" },
    "no-examples": { type: "boolean", default: false },
  },
});

const say = (line = ""): void => {
  console.log(line);
};
const step = (line: string): void => {
  say(`\n▸ ${line}`);
};

const dir = values.dir ?? mkdtempSync(join(tmpdir(), "m2m-demo-"));
step(
  "Starting a Kubernetes control plane (etcd, kube-apiserver, kube-controller-manager), an Auth0 sandbox and the operator",
);
const environment = await startEnvironment(dir, (line) => {
  say(`  ${line}`);
});
say(
  `  API server ${environment.connection.host}, Auth0 sandbox ${environment.sandbox.auth0.domain}, operator process ${String(environment.operator.pid)}`,
);

const isGood = await run(environment).catch((error: unknown) => {
  say(`\n✗ ${error instanceof Error ? error.message : "failed"} (operator's log: ${join(dir, "operator.log")})`);
  return false;
});
if (isGood && values.keep) {
  step("Kept running until Ctrl-C");
  rewriteExamples(join(dir, "examples"), environment.sandbox);
  const kubectl = `${join(dir, "kubectl")} --kubeconfig ${join(dir, "kubeconfig")}`;
  say(`  ${kubectl} get m2m -A`);
  say("  The examples, rewritten for this sandbox, are there too:");
  say(`  ${kubectl} apply -k ${join(dir, "examples/auth0/key-manager")}`);
  say(
    `  ${join(dir, "sandbox.json")} says how to reach the sandbox, ${join(dir, "ca.pem")} is its certificate authority`,
  );
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
  });
}
await environment.stop();
process.exit(isGood ? 0 : 1);

async function run({ connection, sandbox }: Environment): Promise<boolean> {
  const provider = readExample("auth0/provider/provider.yaml", sandbox);
  const example = readExample("timesheets.yaml", sandbox);
  step("kubectl apply -k deploy/examples/auth0/provider");
  for (const document of provider) await apply(connection, document);
  for (const document of provider) await waitReady(connection, document);
  say("  ClusterIdentityProvider default is Ready: the credential was proved with a real call");
  if (values["no-examples"]) return true;

  step("kubectl apply -f deploy/examples/timesheets.yaml");
  const startedAt = Date.now();
  const resources = example.filter((document) => document.kind !== "Namespace");
  for (const document of example) await apply(connection, document);
  for (const document of resources) {
    await waitReady(connection, document);
    say(`  ${document.kind} ${document.metadata.name} is Ready`);
  }
  say(`  ${String(Date.now() - startedAt)} ms, and at the tenant:`);
  for (const call of sandbox.calls.since(0)) say(`    ${String(call.status)} ${call.method} ${call.path}`);
  await showWorkload({ connection, sandbox, dir, say, step });
  if (values.keep) return true;

  step("kubectl delete -f deploy/examples/");
  for (const document of [...example, ...provider]) await remove(connection, document);
  for (const document of [...example, ...provider]) await waitGone(connection, document);
  const { resourceServers, clients, grants } = sandbox.tenant.state;
  const left = { apis: resourceServers.size - 1, clients: clients.size - 2, grants: grants.size - 1 };
  say(`  Left at the tenant, beside what was there before: ${JSON.stringify(left)}`);
  const isEmpty = Object.values(left).every((count) => count === 0);
  say(isEmpty ? "\n✓ Everything worked, and nothing is left behind." : "\n✗ Something was left behind.");
  return isEmpty;
}
