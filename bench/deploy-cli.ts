import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Sandbox } from "../sandbox/start.ts";
import { range } from "./documents.ts";

/** The version that bench/package.json pins. */
export const DEPLOY_CLI = "auth0-deploy-cli 8.44.0";

/** One run of the tool as a process of its own. */
export interface DeployRun {
  readonly wallSeconds: number;
  /** User and system time of the process, all its threads together. */
  readonly cpuSeconds: number;
  /** What it printed, without the credential. */
  readonly output: string;
}

export interface DeployOptions {
  /** Beside the connection and the kinds of objects, e.g. `{ AUTH0_ALLOW_DELETE: true }`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly timeoutMs?: number;
}

export interface TenantSize {
  readonly apis: number;
  readonly clients: number;
  /** No more than there are APIs. */
  readonly grantsPerClient: number;
}

/** The three kinds of objects as the tool reads and writes them; clients are named in grants by their name. */
export interface TenantYaml {
  readonly resourceServers: readonly ({ name: string; identifier: string } & Record<string, unknown>)[];
  readonly clients: readonly ({ name: string } & Record<string, unknown>)[];
  readonly clientGrants: readonly ({ client_id: string; audience: string } & Record<string, unknown>)[];
}

const require = createRequire(import.meta.url);

const TIMEOUT_MS = 10 * 60_000;

/** Run before the tool's own code: it ends by `process.exit`, and only the process itself knows its times afterwards. */
const METER = `data:text/javascript,${encodeURIComponent(
  'import { writeFileSync } from "node:fs";' +
    'process.once("exit", () => writeFileSync("cpu.json", JSON.stringify(process.cpuUsage())));',
)}`;

/** Brings the tenant to what the document says; objects that it does not name are left alone. */
export async function importTenant(
  sandbox: Sandbox,
  document: TenantYaml,
  options: DeployOptions = {},
): Promise<DeployRun> {
  return run(sandbox, options, (folder) => {
    writeFileSync(join(folder, "tenant.yaml"), stringify(document));
    return ["import", "-i", "tenant.yaml", "-c", "config.json", "--env", "false"];
  });
}

/** Writes what the tenant holds as `tenant.yaml` into `dir`. */
export async function exportTenant(sandbox: Sandbox, dir: string, options: DeployOptions = {}): Promise<DeployRun> {
  return run(sandbox, options, () => ["export", "-o", dir, "-f", "yaml", "-c", "config.json", "--env", "false"]);
}

/** APIs, clients that get tokens for themselves, and for each client grants on the APIs that follow its number. */
export function tenantYaml({ apis, clients, grantsPerClient }: TenantSize): TenantYaml {
  const identifier = (i: number): string => `https://api-${String(i % apis)}.example.com/`;
  return {
    resourceServers: range(apis).map((i) => ({
      name: `api-${String(i)}`,
      identifier: identifier(i),
      token_lifetime: 3600,
      scopes: [{ value: "read:all" }, { value: "write:all" }],
    })),
    clients: range(clients).map((i) => ({
      name: `client-${String(i)}`,
      app_type: "non_interactive",
      grant_types: ["client_credentials"],
      token_endpoint_auth_method: "client_secret_post",
    })),
    clientGrants: range(clients).flatMap((i) =>
      range(grantsPerClient).map((j) => ({
        client_id: `client-${String(i)}`,
        audience: identifier(i + j),
        scope: ["read:all"],
      })),
    ),
  };
}

/** In a folder of its own, which holds the credential while the tool runs and is gone afterwards. */
async function run(
  sandbox: Sandbox,
  { settings = {}, timeoutMs = TIMEOUT_MS }: DeployOptions,
  prepare: (folder: string) => readonly string[],
): Promise<DeployRun> {
  const folder = mkdtempSync(join(tmpdir(), "m2m-deploy-cli-"));
  try {
    const { domain, clientId, clientSecret } = sandbox.auth0;
    const config = {
      AUTH0_DOMAIN: domain,
      AUTH0_CLIENT_ID: clientId,
      AUTH0_CLIENT_SECRET: clientSecret,
      AUTH0_INCLUDED_ONLY: ["resourceServers", "clients", "clientGrants"],
      ...settings,
    };
    writeFileSync(join(folder, "config.json"), JSON.stringify(config), { mode: 0o600 });
    writeFileSync(join(folder, "ca.pem"), sandbox.caPem);
    const args = prepare(folder);
    const startedAt = performance.now();
    const { code, printed } = await execute(folder, args, timeoutMs);
    const wallSeconds = (performance.now() - startedAt) / 1000;
    const output = printed.replaceAll(clientSecret, "***");
    if (code !== 0) throw new Error(`a0deploy ${args[0] ?? ""} ended with ${String(code)}:\n${output}`);
    return { wallSeconds, cpuSeconds: cpuSecondsIn(folder), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The environment is nearly empty, so that no setting and no proxy of the caller's reaches the tool. */
function execute(
  cwd: string,
  args: readonly string[],
  timeout: number,
): Promise<{ readonly code: number | NodeJS.Signals | null; readonly printed: string }> {
  const child = spawn(process.execPath, ["--import", METER, require.resolve("auth0-deploy-cli"), ...args], {
    cwd,
    env: { NODE_EXTRA_CA_CERTS: join(cwd, "ca.pem"), HOME: cwd },
    stdio: ["ignore", "pipe", "pipe"],
    timeout,
    killSignal: "SIGKILL",
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      resolve({ code: code ?? signal, printed });
    });
  });
}

function cpuSecondsIn(folder: string): number {
  const { user, system } = JSON.parse(readFileSync(join(folder, "cpu.json"), "utf8")) as NodeJS.CpuUsage;
  return (user + system) / 1_000_000;
}
