import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import type { Issuers } from "../control-plane/issuers.ts";
import { type ControlPlane, startControlPlane } from "../control-plane/start.ts";
import { type Sandbox, startSandbox } from "../sandbox/start.ts";
import { createAuth0Legacy, createOktaLegacy } from "./legacy.ts";
import { GROUP, KINDS, VERSION } from "../src/kinds/registry.ts";
import { type Connection, connect } from "../src/kube/connection.ts";
import { isNotFound } from "../src/kube/kube-error.ts";
import { collectionPath } from "../src/kube/resources.ts";
import { ENVIRONMENTS, rewritten, type Tenants } from "./examples.ts";

export const ROOT = join(import.meta.dirname, "..");
export const SYSTEM_NAMESPACE = "m2m-system";
/** Name of the cluster where others must tell it from theirs. */
export const CLUSTER = "demo";

/** A document of the examples. */
export interface Document {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Record<string, unknown>;
  readonly data?: Readonly<Record<string, string>>;
  readonly status?: {
    readonly conditions?: readonly { type: string; status: string; reason: string; message: string }[];
  };
}

export interface Environment {
  readonly controlPlane: ControlPlane;
  readonly sandbox: Sandbox;
  readonly connection: Connection;
  readonly operator: { readonly pid: number; readonly metricsUrl: string };
  /** Ends the operator's process as Kubernetes does, and starts a fresh one. */
  restartOperator(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the operator with these flags, its output on a pipe. */
export type Command = (flags: readonly string[]) => ChildProcess;

const fromSource: Command = (flags) =>
  spawn(process.execPath, [join(ROOT, "src/main.ts"), ...flags], { stdio: ["ignore", "pipe", "inherit"] });

/**
 * A real control plane, simulated tenants, and the operator as a process of its own, which may call `moreHosts` beside
 * those tenants. `command` starts it, by default from its source. `issuers` publishes the keys of service account tokens.
 */
export async function startEnvironment(
  dir: string,
  say: (line: string) => void,
  moreHosts: readonly string[] = [],
  command: Command = fromSource,
  issuers?: Issuers,
): Promise<Environment> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const apiServerFlags = issuers === undefined ? {} : { "service-account-issuer": issuers.issuerOf(CLUSTER) };
  const controlPlane = await startControlPlane({ crds: join(ROOT, "crds"), log: say, apiServerFlags });
  issuers?.publish(CLUSTER, await controlPlane.serviceAccountKeys());
  const sandbox = await startSandbox({ dir });
  createAuth0Legacy(sandbox);
  await createOktaLegacy(sandbox);
  copyFileSync(controlPlane.kubeconfig, join(dir, "kubeconfig"));
  rmSync(join(dir, "kubectl"), { force: true });
  symlinkSync(join(controlPlane.binaries, "kubectl"), join(dir, "kubectl"));
  const connection = connect({ kubeconfig: controlPlane.kubeconfig, timeoutMs: 10_000 });
  await prepare(connection, sandbox);
  const hosts = [sandbox.auth0.domain, sandbox.org.host, ...moreHosts];
  const start = () => startOperator(command, controlPlane.kubeconfig, hosts, join(dir, "operator.log"));
  const started = await start();
  let { child } = started;
  const { metricsUrl } = started;
  const operator = { pid: child.pid ?? 0, metricsUrl };
  const { auth0, okta, admin } = sandbox;
  writeFileSync(join(dir, "sandbox.json"), JSON.stringify({ auth0, okta, admin, operator }, null, 2), { mode: 0o600 });
  return {
    controlPlane,
    sandbox,
    connection,
    operator,
    restartOperator: async () => {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.once("exit", resolve));
      ({ child } = await start());
    },
    stop: async () => {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      const ended = isOver ? undefined : new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      await connection.close();
      await sandbox.close();
      await controlPlane.stop();
    },
  };
}

/** What an administrator does once: the operator's namespace and its credentials at the tenants. */
export async function prepare(connection: Connection, { auth0, okta }: Pick<Sandbox, "auth0" | "okta">): Promise<void> {
  await apply(connection, { apiVersion: "v1", kind: "Namespace", metadata: { name: SYSTEM_NAMESPACE } });
  const credentials = {
    "auth0-management": { client_id: auth0.clientId, client_secret: auth0.clientSecret },
    "okta-management": { api_token: okta.apiToken },
    "okta-service-app": { client_id: okta.clientId, private_key: okta.privateKey, key_id: okta.keyId },
  };
  for (const [name, values] of Object.entries(credentials))
    await apply(connection, secretDocument(SYSTEM_NAMESPACE, name, values));
}

/** Those that the examples name. */
const ORGANIZATIONS = ["acme", "globex"];

/** What the examples expect beside that: credentials of each environment's providers, and organizations. */
export async function prepareExamples({ connection, sandbox }: Environment): Promise<void> {
  const { auth0, okta, tenant } = sandbox;
  for (const name of ENVIRONMENTS) {
    const ofAuth0 = { client_id: auth0.clientId, client_secret: auth0.clientSecret };
    await apply(connection, secretDocument(SYSTEM_NAMESPACE, `auth0-${name}`, ofAuth0));
    await apply(connection, secretDocument(SYSTEM_NAMESPACE, `okta-${name}`, { api_token: okta.apiToken }));
  }
  for (const [index, name] of ORGANIZATIONS.entries()) {
    const id = `org_${name.padEnd(15, "0")}${String(index + 1)}`;
    tenant.state.organizations.set(id, { id, name, display_name: name });
  }
}

export function secretDocument(namespace: string, name: string, values: Readonly<Record<string, string>>): Document {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  );
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, data };
}

async function startOperator(
  command: Command,
  kubeconfig: string,
  hosts: readonly string[],
  logFile: string,
): Promise<{ child: ChildProcess; metricsUrl: string }> {
  const args = [
    ...["--instance-id", "demo", "--namespace", SYSTEM_NAMESPACE, "--kubeconfig", kubeconfig],
    ...["--http-address", "127.0.0.1:0", "--allowed-hosts", hosts.join(","), "--allow-private-addresses", "true"],
  ];
  const child = command(args);
  let log = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
    writeFileSync(logFile, log);
  });
  process.once("exit", () => child.kill("SIGKILL"));
  for (;;) {
    const port = /"metricsPort":(\d+)/.exec(log)?.[1];
    if (port !== undefined) return { child, metricsUrl: `http://127.0.0.1:${port}/metrics` };
    if (child.exitCode !== null) throw new Error(`the operator ended at once; see ${logFile}`);
    await delay(50);
  }
}

/** The documents of an example, rewritten for the simulated tenants, which are read again more often. */
export function readExample(name: string, tenants: Tenants): readonly Document[] {
  const text = rewritten(readFileSync(join(ROOT, "deploy/examples", name), "utf8"), tenants);
  return parseAllDocuments(text).map((parsed) => {
    const document = parsed.toJS() as Document;
    if (!document.kind.endsWith("IdentityProvider")) return document;
    return { ...document, spec: { ...document.spec, driftInterval: "10s" } };
  });
}

/** As a kustomization puts an example into its namespace. */
export const inNamespace = ({ metadata, ...document }: Document, namespace: string): Document =>
  document.kind === "Namespace" ? { ...document, metadata } : { ...document, metadata: { ...metadata, namespace } };

export function pathOf({ kind, metadata: { namespace = "" } }: Document): string {
  const plural = KINDS.find((definition) => definition.kind === kind)?.plural;
  if (plural !== undefined) return collectionPath({ group: GROUP, version: VERSION, plural }, namespace);
  return collectionPath({ group: "", version: "v1", plural: `${kind.toLowerCase()}s` }, namespace);
}

export async function apply(connection: Connection, document: Document): Promise<void> {
  await connection.request({
    method: "PATCH",
    path: `${pathOf(document)}/${document.metadata.name}`,
    query: { fieldManager: "demo", force: "true", fieldValidation: "Strict" },
    contentType: "application/apply-patch+yaml",
    body: document,
  });
}

export async function read(connection: Connection, document: Document): Promise<Document | undefined> {
  try {
    return await connection.request<Document>({ method: "GET", path: `${pathOf(document)}/${document.metadata.name}` });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export async function remove(connection: Connection, document: Document): Promise<void> {
  await connection
    .request({ method: "DELETE", path: `${pathOf(document)}/${document.metadata.name}` })
    .catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
}

const WAIT_MS = 60_000;

/** Waits for Ready=True; says what the condition says when it does not come. */
export async function waitReady(connection: Connection, document: Document, withinMs = WAIT_MS): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const ready = readyOf(await read(connection, document));
    if (ready?.status === "True") return;
    if (Date.now() > deadline)
      throw new Error(`${document.kind} ${document.metadata.name} is not Ready: ${told(ready)}`);
    await delay(50);
  }
}

function readyOf(document: Document | undefined) {
  return document?.status?.conditions?.find((condition) => condition.type === "Ready");
}

const told = (ready: ReturnType<typeof readyOf>): string =>
  ready === undefined ? "not reconciled yet" : `${ready.reason}: ${ready.message}`;

export async function waitGone(connection: Connection, document: Document): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while ((await read(connection, document)) !== undefined) {
    if (Date.now() > deadline) throw new Error(`${document.kind} ${document.metadata.name} does not go away`);
    await delay(100);
  }
}
