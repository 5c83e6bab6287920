import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { apply, type Document, type Environment, startEnvironment, waitReady } from "../demo/environment.ts";
import type { Call } from "../sandbox/call-log.ts";
import type { PlanName } from "../sandbox/limits.ts";
import { type Sandbox, startSandbox } from "../sandbox/start.ts";
import { DEPLOY_CLI, importTenant, type TenantYaml, tenantYaml } from "./deploy-cli.ts";
import { defaultProvider, documentIn } from "./documents.ts";
import type { Row } from "./rows.ts";

const PLAN: PlanName = "enterprise-non-production";
/** The same limit in the operator's settings. */
const RATE_LIMIT = { requestsPerMinute: 120, burst: 10, sharePercent: 100 };
const DRIFT_INTERVAL = "10s";
const NAMESPACE = "bench";

/** The input of both: the peer gets it unchanged, the operator gets resources that say the same. */
const WANTED = tenantYaml({ apis: 20, clients: 50, grantsPerClient: 2 });
const OBJECTS = WANTED.resourceServers.length + WANTED.clients.length + WANTED.clientGrants.length;
const LISTS = 3;
/** Pages of a hundred; each type also holds one object that was there before. */
const PAGES = [WANTED.resourceServers, WANTED.clients, WANTED.clientGrants].reduce(
  (sum, { length }) => sum + Math.ceil((length + 1) / 100),
  0,
);

/** The API that the later phases change. */
const TARGET: TenantYaml["resourceServers"][number] = WANTED.resourceServers[0] ?? { name: "", identifier: "" };
const NEW_NAME = "api-0, renamed";
const LIFETIME = TARGET["token_lifetime"];
const RENAMED: TenantYaml = {
  ...WANTED,
  resourceServers: WANTED.resourceServers.map((api) => (api === TARGET ? { ...api, name: NEW_NAME } : api)),
};

/** In the order in which they are run, each with the fewest calls that could do it. */
const FEWEST_CALLS = {
  "first run": LISTS + OBJECTS,
  "no-op": PAGES,
  "one field changed": 1,
  "one object changed behind its back": PAGES + 1,
} as const;

type Phase = keyof typeof FEWEST_CALLS;

interface Measured {
  readonly calls: readonly Call[];
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/**
 * The same 170 objects in tenants with the same limits, by the operator and by a tool that is run by hand.
 * The peer's figures are those of one run from start to end. A change behind its back waits, not counted here, until
 * somebody starts the run that repairs it; the operator's wall time for the same holds the wait for its next refresh,
 * of which there is one every ten seconds.
 */
export async function benchmarkSideBySide(say: (line: string) => void): Promise<readonly Row[]> {
  say("side by side: m2m-operator …");
  const operator = await measureOperator(say);
  say(`side by side: ${DEPLOY_CLI}, four runs …`);
  const peer = await measurePeer(say);
  return (Object.keys(FEWEST_CALLS) as Phase[]).flatMap((phase) => [
    ...rowsOf("m2m-operator", phase, operator[phase]),
    ...rowsOf(DEPLOY_CLI, phase, peer[phase]),
  ]);
}

function rowsOf(who: string, phase: Phase, { calls, wallSeconds, cpuSeconds }: Measured): readonly Row[] {
  const row = (metric: string, value: number, unit: string, bound?: number): Row => ({
    benchmark: "side-by-side",
    subject: `${who}, ${PLAN}`,
    metric: `${phase}: ${metric}`,
    value,
    unit,
    ...(bound === undefined ? {} : { bound }),
  });
  const count = (isCounted: (call: Call) => boolean): number => calls.filter(isCounted).length;
  return [
    row(
      "calls, Management API",
      count(({ path }) => path.startsWith("/api/v2/")),
      "calls",
      FEWEST_CALLS[phase],
    ),
    row(
      "tokens",
      count(({ path }) => path === "/oauth/token"),
      "calls",
    ),
    row(
      "429 answers",
      count(({ status }) => status === 429),
      "calls",
      0,
    ),
    row("wall time", wallSeconds, "s"),
    row("CPU time", cpuSeconds, "s"),
  ];
}

async function measurePeer(say: (line: string) => void): Promise<Readonly<Record<Phase, Measured>>> {
  const sandbox = await startSandbox();
  sandbox.tenant.setPlan(PLAN, "window");
  const run = async (document: TenantYaml, isReached: () => boolean): Promise<Measured> => {
    sandbox.calls.clear();
    const { wallSeconds, cpuSeconds } = await importTenant(sandbox, document);
    if (!isReached()) throw new Error(`${DEPLOY_CLI} ended, but the tenant is not as it was asked for`);
    say(`side by side: one run of ${DEPLOY_CLI} took ${wallSeconds.toFixed(0)} s`);
    return { calls: sandbox.calls.since(0), wallSeconds, cpuSeconds };
  };
  try {
    const first = await run(WANTED, () => isComplete(sandbox));
    const noOp = await run(WANTED, () => isComplete(sandbox));
    const changed = await run(RENAMED, () => target(sandbox)["name"] === NEW_NAME);
    changeBehindTheBack(sandbox);
    const repaired = await run(RENAMED, () => target(sandbox)["token_lifetime"] === LIFETIME);
    return {
      "first run": first,
      "no-op": noOp,
      "one field changed": changed,
      "one object changed behind its back": repaired,
    };
  } finally {
    await sandbox.close();
  }
}

async function measureOperator(say: (line: string) => void): Promise<Readonly<Record<Phase, Measured>>> {
  const dir = mkdtempSync(join(tmpdir(), "m2m-bench-"));
  const environment = await startEnvironment(dir, say);
  const { connection, sandbox } = environment;
  sandbox.tenant.setPlan(PLAN, "window");
  try {
    const first = await firstRun(environment);
    await afterLook(sandbox);
    const noOp = await measure(environment, () => oneLook(sandbox));
    await afterLook(sandbox);
    const changed = await measure(environment, async () => {
      for (const document of documents(RENAMED).slice(0, 1)) await apply(connection, document);
      await until(() => target(sandbox)["name"] === NEW_NAME);
    });
    await afterLook(sandbox);
    const repaired = await measure(environment, async () => {
      changeBehindTheBack(sandbox);
      await until(() => target(sandbox)["token_lifetime"] === LIFETIME);
    });
    return {
      "first run": first,
      "no-op": noOp,
      "one field changed": changed,
      "one object changed behind its back": repaired,
    };
  } finally {
    await environment.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Timed from the first resource that is applied; the CPU time is all that the process used since it was started. */
async function firstRun(environment: Environment): Promise<Measured> {
  const { connection, sandbox, operator } = environment;
  await apply(connection, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const resources = documents(WANTED);
  const { calls, wallSeconds } = await measure(environment, async () => {
    for (const document of resources) await apply(connection, document);
    await apply(connection, providerOf(sandbox));
    for (const document of resources) await waitReady(connection, document, 300_000);
  });
  if (!isComplete(sandbox)) throw new Error("everything is Ready, but the tenant is not as it was asked for");
  return { calls, wallSeconds, cpuSeconds: cpuSecondsOf(operator.pid) };
}

/**
 * Calls and CPU time count until the operator is at rest again. The wall time ends with the action, which may say for
 * itself how long it took.
 */
async function measure(
  { sandbox, operator }: Environment,
  act: () => Promise<number | undefined> | Promise<void>,
): Promise<Measured> {
  sandbox.calls.clear();
  const cpuBefore = cpuSecondsOf(operator.pid);
  const startedAt = performance.now();
  const told = await act();
  const wallSeconds = told ?? (performance.now() - startedAt) / 1000;
  await settled(sandbox);
  return { calls: sandbox.calls.since(0), wallSeconds, cpuSeconds: cpuSecondsOf(operator.pid) - cpuBefore };
}

/** Seconds from the first to the last call of the next refresh of the tenant, without the wait for it. */
async function oneLook(sandbox: Sandbox): Promise<number> {
  await until(() => sandbox.calls.since(0).length > 0);
  await settled(sandbox);
  const calls = sandbox.calls.since(0);
  return (Date.parse(calls.at(-1)?.at ?? "") - Date.parse(calls[0]?.at ?? "")) / 1000;
}

const QUIET_MS = 2000;

/** No call for two seconds. */
async function settled(sandbox: Sandbox): Promise<void> {
  let seen = -1;
  for (let since = performance.now(); performance.now() - since < QUIET_MS; await delay(50)) {
    const newest = sandbox.calls.since(0).length;
    if (newest !== seen) since = performance.now();
    seen = newest;
  }
}

/** Two seconds after a refresh, so that the next one is as far away as can be. */
async function afterLook(sandbox: Sandbox): Promise<void> {
  sandbox.calls.clear();
  await until(() => sandbox.calls.since(0).length > 0);
  await settled(sandbox);
}

async function until(isReached: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isReached()) {
    if (performance.now() > deadline) throw new Error("the operator did not do within a minute what was asked for");
    await delay(10);
  }
}

/** Ticks of the kernel's accounting; Linux shows a hundred of them a second on every machine. */
const TICKS_PER_SECOND = 100;

/** User and system time of a process, all its threads together. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
  // The name of the program, in parentheses, may hold spaces; what follows does not.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function target({ tenant }: Sandbox): Record<string, unknown> {
  return [...tenant.state.resourceServers.values()].find((api) => api.identifier === TARGET.identifier) ?? {};
}

function changeBehindTheBack(sandbox: Sandbox): void {
  target(sandbox)["token_lifetime"] = 60;
}

/** As many as wanted, and what was there before: one API, two clients, one grant. */
function isComplete({ tenant: { state } }: Sandbox): boolean {
  return (
    state.resourceServers.size === WANTED.resourceServers.length + 1 &&
    state.clients.size === WANTED.clients.length + 2 &&
    state.grants.size === WANTED.clientGrants.length + 1
  );
}

function providerOf({ auth0, caPem }: Sandbox): Document {
  return defaultProvider({
    auth0: { domain: auth0.domain },
    credentialsSecretRef: { name: "auth0-management" },
    caBundle: caPem,
    driftInterval: DRIFT_INTERVAL,
    rateLimit: RATE_LIMIT,
  });
}

/** APIs first, in the order of the input; resources keep their names whatever is shown at the tenant. */
function documents({ resourceServers, clients, clientGrants }: TenantYaml): readonly Document[] {
  const document = (kind: string, name: string, spec: Record<string, unknown>): Document =>
    documentIn(NAMESPACE, kind, name, spec);
  const apiNames = new Map(WANTED.resourceServers.map(({ name, identifier }) => [identifier, name]));
  const apiOf = (audience: string): string => apiNames.get(audience) ?? "";
  const grantOf = (grant: TenantYaml["clientGrants"][number] | undefined): string =>
    grant === undefined ? "" : `${grant.client_id}-on-${apiOf(grant.audience)}`;
  return [
    ...resourceServers.map(({ name, identifier }) =>
      document("OAuthApi", apiOf(identifier), {
        displayName: name,
        audience: identifier,
        tokens: { lifetime: "1h" },
        scopes: [{ name: "read:all" }, { name: "write:all" }],
      }),
    ),
    ...clients.map(({ name }) =>
      document("M2MClient", name, {
        secret: { primaryGrant: grantOf(clientGrants.find((grant) => grant.client_id === name)) },
      }),
    ),
    ...clientGrants.map((grant) =>
      document("ScopeGrant", grantOf(grant), {
        clientRef: { name: grant.client_id },
        apiRef: { name: apiOf(grant.audience) },
        scopes: ["read:all"],
      }),
    ),
  ];
}
