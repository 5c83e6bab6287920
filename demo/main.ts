import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startIssuers } from "../control-plane/issuers.ts";
import { type Sandbox, startSandbox } from "../sandbox/start.ts";
import { argumentsOf } from "../tools/arguments.ts";
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
import { countsText, labelOf } from "./labels.ts";
import { prepareKeycloak, startDemoKeycloak } from "./keycloak.ts";
import { showServiceAccount } from "./service-account.ts";
import { type Shown, shownAuth0, shownKeycloak, shownOkta } from "./tenants.ts";
import { showTwoTenants } from "./two-tenants.ts";
import { showWorkload } from "./workload.ts";

const USAGE = `usage: npm run demo -- [options]

Shows the examples on a real API server with simulated tenants, and at a real Keycloak where Java and Maven are installed.

  --with keycloak  ends with a message where Keycloak cannot run
  --keep           keeps everything running until you interrupt it
  --dir DIR        folder for what it writes. Default: a new one, which is
                   deleted at the end unless something failed
  --no-examples    applies only the providers`;

const { values } = argumentsOf(USAGE, {
  keep: { type: "boolean", default: false },
  dir: { type: "string" },
  "no-examples": { type: "boolean", default: false },
  with: { type: "string", multiple: true, default: [] },
});
const unknown = values.with.find((name) => name !== "keycloak");
if (unknown !== undefined) {
  console.error(`--with ${unknown}: the only value is keycloak. The demo always shows Auth0 and Okta.`);
  process.exit(2);
}

/** What the folder holds for those who try more. */
const FILES = [
  ["sandbox.json", "addresses and credentials of the simulated tenants"],
  ["ca.pem", "their certificate authority"],
  ["partner", "the same for the partner's Okta org"],
  ["operator.log", "the log of the operator"],
] as const;

const say = (line = ""): void => {
  console.log(line);
};
const step = (line: string): void => {
  say(`\n▸ ${line}`);
};
const indented = (line: string): void => {
  say(`  ${line}`);
};

const dir = values.dir ?? mkdtempSync(join(tmpdir(), "m2m-demo-"));
const removeFolder = (): void => {
  if (values.dir === undefined) rmSync(dir, { recursive: true, force: true });
};
step(
  "Starting a Kubernetes control plane (etcd, kube-apiserver, kube-controller-manager), simulated tenants and the operator",
);
const isKeycloakNeeded = values.with.includes("keycloak");
const issuers = await startIssuers();
const keycloak = await startDemoKeycloak(dir, isKeycloakNeeded, indented, issuers).catch((error: unknown) => {
  say(`\n✗ ${error instanceof Error ? error.message : "failed"}`);
  removeFolder();
  process.exit(1);
});
const partner = await startSandbox({ dir: join(dir, "partner") });
const moreHosts = keycloak === undefined ? [] : [new URL(keycloak.proxy.url).host];
const hosts = [partner.org.host, ...moreHosts];
const environment = await startEnvironment(dir, indented, hosts, undefined, issuers);
const { sandbox } = environment;
const tenants: Tenants = {
  ...sandbox,
  ...(keycloak === undefined ? {} : { keycloak: keycloak.proxy }),
  moreOrgs: { "https://partner.okta.com": partner },
};
if (keycloak !== undefined) await prepareKeycloak(environment.connection, keycloak);
say(`  API server ${environment.connection.host}, operator process ${String(environment.operator.pid)}`);
say(`  Auth0 tenant ${sandbox.auth0.domain}, Okta org ${sandbox.okta.url}, a partner's Okta org ${partner.okta.url}`);
if (keycloak !== undefined) say(`  A real Keycloak ${keycloak.proxy.url}, realm ${keycloak.realm.name}`);

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
  say("  You can apply the examples. The organizations and credentials that they name exist:");
  for (const example of ["auth0/key-manager", "okta/key-manager"].concat(
    keycloak === undefined ? [] : ["keycloak/timesheets"],
  ))
    say(`  ${kubectl} apply -k ${join(dir, "examples", example)}`);
  for (const [file, content] of FILES) say(`  ${join(dir, file)}: ${content}`);
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
  });
}
await environment.stop();
await partner.close();
await keycloak?.stop();
await issuers.stop();
if (isGood) removeFolder();
process.exit(isGood ? 0 : 1);

async function run(environment: Environment, partner: Sandbox): Promise<boolean> {
  const { connection } = environment;
  const simulated = [shownAuth0(sandbox, tenants), shownOkta(sandbox, tenants)];
  const real = keycloak === undefined ? [] : [shownKeycloak(keycloak, tenants)];
  const all = [...simulated, ...real];
  const partners = partner.org.state;
  const before = partners.apps.size + partners.servers.size;
  for (const shown of values["no-examples"] ? all : simulated) await showProvider(connection, shown);
  if (values["no-examples"]) return true;
  for (const shown of simulated) await showTenant(environment, shown);
  const both = await showTwoTenants({ connection, tenants, partner, dir, say, step });
  const accounts = await showReal(environment, real);
  if (values.keep) return true;

  step("kubectl delete, everything");
  const documents = [...accounts, ...both, ...all.flatMap((shown) => [...shown.resources, ...shown.provider])];
  for (const document of documents) await remove(connection, document);
  for (const document of documents) await waitGone(connection, document);
  const left: Awaited<ReturnType<Shown["left"]>>[] = [];
  for (const shown of all) {
    const counts = await shown.left();
    left.push(counts);
    say(`  Left at ${shown.vendor}: ${countsText(counts)}`);
  }
  const atPartner = partners.apps.size + partners.servers.size - before;
  say(`  Left at the partner's Okta org: ${countsText({ objects: atPartner })}`);
  const isEmpty = [...left.flatMap((counts) => Object.values(counts)), atPartner].every((count) => count === 0);
  say(isEmpty ? "\n✓ Everything worked, and nothing that the demo created is left." : "\n✗ Something is left.");
  return isEmpty;
}

/** At a real server a workload also needs no secret. Returns what was applied for it. */
async function showReal(environment: Environment, real: readonly Shown[]): Promise<readonly Document[]> {
  const { connection } = environment;
  for (const shown of real) {
    await showProvider(connection, shown);
    await showTenant(environment, shown);
  }
  if (keycloak === undefined) return [];
  return showServiceAccount({ connection, tenants, caFile: keycloak.caFile, say, step });
}

async function showProvider(connection: Environment["connection"], { provider, providerFolder }: Shown): Promise<void> {
  step(`kubectl apply -k deploy/examples/${providerFolder}`);
  for (const document of provider) {
    await apply(connection, document);
    await waitReady(connection, document);
    say(`  ${document.kind} ${document.metadata.name} is Ready: the tenant accepted the operator's credential`);
  }
}

async function showTenant({ connection }: Environment, shown: Shown): Promise<void> {
  step(shown.command);
  shown.calls();
  const startedAt = Date.now();
  for (const document of shown.resources) await apply(connection, document);
  for (const document of shown.resources.filter(isOurs)) {
    await waitReady(connection, document);
    say(`  ${document.kind} ${document.metadata.name} is Ready`);
  }
  const calls = shown.calls();
  say(`  ${shown.vendor} received ${String(calls.length)} requests in ${String(Date.now() - startedAt)} ms:`);
  for (const call of calls) say(`    ${labelOf(call)}`);
  const { namespace, guide, caFile = join(dir, "ca.pem") } = shown;
  await showWorkload({ connection, caFile, dir, namespace, guide, say, step });
}

function isOurs({ kind }: Document): boolean {
  return kind !== "Namespace";
}
