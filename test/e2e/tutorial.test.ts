import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { Agent, fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { controlPlane } from "../integration/control-plane.ts";
import { ensureBinaries } from "../../control-plane/binaries.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { type Block, ROOT } from "../docs/pages.ts";
import { patternOf } from "../docs/shown.ts";
import { stepsOf } from "../docs/steps.ts";
import { admin, type Cluster } from "../integration/cluster.ts";
import { rememberedProcess } from "../integration/running-operators.ts";

/**
 * The commands of the tutorial, from the page, in their order, one after the other. What is not verbatim stands in
 * this table: the cluster is the control plane of the tests, the tenant is simulated, and as nothing here runs
 * containers, the operator and the job's container are processes on this machine.
 */
const SUBSTITUTIONS: readonly (readonly [block: RegExp, instead: () => Promise<string>])[] = [
  [/^kind create cluster /, async () => ""],
  [/^export AUTH0_DOMAIN=/, async () => ""],
  [/^git clone .*\n.*\ndocker build /, async () => ""],
  [/^helm install m2m-operator .*--namespace m2m-system --create-namespace/, startOperator],
  [/ wait --for=condition=complete job\/import .*\n.* logs job\/import$/, runJob],
  [/^kind delete cluster /, async () => ""],
];

const SYSTEM = "m2m-system";
let cluster: Cluster;
let sandbox: Sandbox;
let operator: ChildProcess | undefined;
let dir: string;
let environment: NodeJS.ProcessEnv;
let atTenant: unknown;

beforeAll(async () => {
  cluster = admin();
  sandbox = await startSandbox();
  dir = mkdtempSync(join(tmpdir(), "m2m-tutorial-"));
  writeFileSync(join(dir, "ca.pem"), sandbox.caPem);
  environment = {
    PATH: [await ensureBinaries(() => undefined), process.env["PATH"]].join(delimiter),
    HOME: dir,
    KUBECONFIG: controlPlane().kubeconfig,
    AUTH0_DOMAIN: sandbox.auth0.domain,
    AUTH0_CLIENT_ID: sandbox.auth0.clientId,
    AUTH0_CLIENT_SECRET: sandbox.auth0.clientSecret,
  };
  atTenant = await tenantState();
});

afterAll(async () => {
  // After a step that failed, too: the next file wants an empty cluster.
  await shell("kubectl delete namespace payroll --ignore-not-found --timeout=60s");
  await shell("kubectl delete clusteridentityprovider default --ignore-not-found --timeout=60s");
  operator?.kill("SIGTERM");
  if (operator !== undefined) await once(operator, "exit");
  await shell(`kubectl delete namespace ${SYSTEM} --ignore-not-found --timeout=60s`);
  await sandbox.close();
  await cluster.close();
  rmSync(dir, { recursive: true, force: true });
});

async function tenantState(): Promise<unknown> {
  const dispatcher = new Agent({ connect: { ca: sandbox.caPem } });
  const answer = await fetch(`${sandbox.admin.url}/state/auth0`, { dispatcher });
  const state = await answer.json();
  await dispatcher.close();
  return state;
}

/** What the command printed. Rejects with what it complained about. */
async function shell(command: string, env: NodeJS.ProcessEnv = environment): Promise<string> {
  const run = promisify(execFile)("bash", ["--norc", "-euo", "pipefail", "-c", command], { env, timeout: 120_000 });
  return (await run).stdout;
}

async function startOperator(): Promise<string> {
  const args = [
    ...["--instance-id", "tutorial", "--namespace", SYSTEM, "--http-address", "127.0.0.1:0"],
    ...["--allowed-hosts", sandbox.auth0.domain, "--allow-private-addresses", "true"],
  ];
  operator = rememberedProcess(
    spawn(process.execPath, [join(ROOT, "src/main.ts"), ...args], {
      env: { ...environment, NODE_EXTRA_CA_CERTS: join(dir, "ca.pem") },
      stdio: "ignore",
    }),
  );
  return shell(`kubectl create namespace ${SYSTEM}`);
}

/** Runs the container of the Job as the API server has it, with the mounted Secret's files. */
async function runJob(): Promise<string> {
  const job = JSON.parse(await shell("kubectl -n payroll get job import -o json")) as {
    spec: { template: { spec: PodSpec } };
  };
  const { containers, volumes } = job.spec.template.spec;
  const [{ command, args, volumeMounts }] = containers;
  const [{ secret }] = volumes;
  const [{ mountPath }] = volumeMounts;
  for (const [key, value] of Object.entries((await cluster.secret("payroll", secret.secretName)) ?? {}))
    writeFileSync(join(dir, key), value, { mode: 0o600 });
  const [program = "", ...options] = [...command, ...args].map((part) => part.replaceAll(mountPath, dir));
  const env = { PATH: process.env["PATH"], CURL_CA_BUNDLE: join(dir, "ca.pem") };
  return (await promisify(execFile)(program, options, { env })).stdout;
}

interface PodSpec {
  readonly containers: readonly [
    {
      readonly command: readonly string[];
      readonly args: readonly string[];
      readonly volumeMounts: readonly [{ readonly mountPath: string }];
    },
  ];
  readonly volumes: readonly [{ readonly secret: { readonly secretName: string } }];
}

const steps = stepsOf("docs/tutorial.md");
const substitutionOf = ({ text }: Block) => SUBSTITUTIONS.find(([block]) => block.test(text))?.[1];

it("the page has commands, and every substitution is for one of them", () => {
  expect(steps.length).toBeGreaterThan(10);
  for (const [block] of SUBSTITUTIONS) expect(steps.filter(({ command }) => block.test(command.text))).toHaveLength(1);
});

it.each(steps.map((step) => [`line ${String(step.command.line)}: ${step.command.text.split("\n")[0] ?? ""}`, step]))(
  "%s",
  async (_name, { command, shown }) => {
    const printed = await (substitutionOf(command)?.() ?? shell(command.text));
    if (shown !== undefined) expect(printed).toMatch(patternOf(shown.text));
  },
  120_000,
);

it("nothing is left at the tenant", async () => {
  expect(await tenantState()).toEqual(atTenant);
});
