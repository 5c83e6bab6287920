import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Sandbox, startSandbox } from "../sandbox/start.ts";
import {
  apply,
  type Document,
  type Environment,
  prepareExamples,
  remove,
  startEnvironment,
  waitGone,
  waitReady,
} from "./environment.ts";
import { rewriteExamples, type Tenants } from "./examples.ts";
import { type Shown, shownAuth0, shownOkta } from "./tenants.ts";
import { showTwoTenants } from "./two-tenants.ts";
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
  "Starting a Kubernetes control plane (etcd, kube-apiserver, kube-controller-manager), simulated tenants and the operator",
);
const partner = await startSandbox({ dir: join(dir, "partner") });
const environment = await startEnvironment(
  dir,
  (line) => {
    say(`  ${line}`);
  },
  [partner.org.host],
);
const { sandbox } = environment;
const tenants: Tenants = { ...sandbox, moreOrgs: { "https://partner.okta.com": partner } };
say(`  API server ${environment.connection.host}, operator process ${String(environment.operator.pid)}`);
say(`  Auth0 tenant ${sandbox.auth0.domain}, Okta org ${sandbox.okta.url}, a partner's Okta org ${partner.okta.url}`);

const isGood = await run(environment, partner).catch((error: unknown) => {
  say(`\n✗ ${error instanceof Error ? error.message : "failed"} (operator's log: ${join(dir, "operator.log")})`);
  return false;
});
if (isGood && values.keep) {
  step("Kept running until Ctrl-C");
  rewriteExamples(join(dir, "examples"), tenants);
  await prepareExamples(environment);
  const kubectl = `${join(dir, "kubectl")} --kubeconfig ${join(dir, "kubeconfig")}`;
  say(`  ${kubectl} get m2m -A`);
  say("  The examples, rewritten for these tenants, are there too, and the organizations and credentials they name:");
  for (const vendor of ["auth0", "okta"]) say(`  ${kubectl} apply -k ${join(dir, "examples", vendor, "key-manager")}`);
  say(
    `  ${join(dir, "sandbox.json")} says how to reach the tenants, ${join(dir, "ca.pem")} is their certificate authority`,
  );
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
  });
}
await environment.stop();
await partner.close();
process.exit(isGood ? 0 : 1);

async function run(environment: Environment, partner: Sandbox): Promise<boolean> {
  const { connection } = environment;
  const all = [shownAuth0(sandbox, tenants), shownOkta(sandbox, tenants)];
  const partners = partner.org.state;
  const before = partners.apps.size + partners.servers.size;
  for (const shown of all) await showProvider(connection, shown);
  if (values["no-examples"]) return true;
  for (const shown of all) await showTenant(environment, shown);
  const both = await showTwoTenants({ connection, tenants, partner, dir, say, step });
  if (values.keep) return true;

  step("kubectl delete, everything");
  const documents = [...both, ...all.flatMap((shown) => [...shown.resources, ...shown.provider])];
  for (const document of documents) await remove(connection, document);
  for (const document of documents) await waitGone(connection, document);
  for (const shown of all)
    say(`  Left at ${shown.vendor}, beside what was there before: ${JSON.stringify(shown.left())}`);
  const atPartner = partners.apps.size + partners.servers.size - before;
  say(`  Left at the partner's Okta: ${String(atPartner)}`);
  const isEmpty = [...all.flatMap((shown) => Object.values(shown.left())), atPartner].every((count) => count === 0);
  say(isEmpty ? "\n✓ Everything worked, and nothing is left behind." : "\n✗ Something was left behind.");
  return isEmpty;
}

async function showProvider(connection: Environment["connection"], { provider, providerFolder }: Shown): Promise<void> {
  step(`kubectl apply -k deploy/examples/${providerFolder}`);
  for (const document of provider) {
    await apply(connection, document);
    await waitReady(connection, document);
    say(`  ${document.kind} ${document.metadata.name} is Ready: the credential was proved with a real call`);
  }
}

async function showTenant({ connection }: Environment, shown: Shown): Promise<void> {
  step(shown.command);
  sandbox.calls.clear();
  const startedAt = Date.now();
  for (const document of shown.resources) await apply(connection, document);
  for (const document of shown.resources.filter(isOurs)) {
    await waitReady(connection, document);
    say(`  ${document.kind} ${document.metadata.name} is Ready`);
  }
  say(`  ${String(Date.now() - startedAt)} ms, and at ${shown.vendor}:`);
  for (const call of sandbox.calls.since(0)) say(`    ${String(call.status)} ${call.method} ${call.path}`);
  const { namespace, guide } = shown;
  await showWorkload({ connection, caPem: sandbox.caPem, dir, namespace, guide, say, step });
}

function isOurs({ kind }: Document): boolean {
  return kind !== "Namespace";
}
