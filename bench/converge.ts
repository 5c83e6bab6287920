import { temporaryFolder } from "../tools/temporary-folder.ts";
import { setTimeout as delay } from "node:timers/promises";
import { apply, type Document, type Environment, startEnvironment, waitReady } from "../demo/environment.ts";
import { PLANS, type PlanName } from "../sandbox/limits.ts";
import { defaultProvider, documentIn, range } from "./documents.ts";
import type { Row } from "./rows.ts";

const APIS = 20;
const CLIENTS = 50;
const GRANTS_PER_CLIENT = 2;

/** Pages of a hundred; each type also holds one object that was there before. */
const PAGES = [APIS, CLIENTS, CLIENTS * GRANTS_PER_CLIENT].reduce(
  (sum, count) => sum + Math.ceil((count + 1) / 100),
  0,
);

/** The two plans that people meet first, and the operator's settings for them. */
const CASES: readonly { readonly plan: PlanName; readonly requestsPerMinute: number; readonly burst: number }[] = [
  { plan: "enterprise-non-production", requestsPerMinute: 120, burst: 10 },
  { plan: "professional", requestsPerMinute: 150, burst: 10 },
];

/** 20 APIs, 50 clients and 100 grants, applied at once to an empty tenant; then a refresh at rest, and a restart. */
export async function benchmarkConverge(say: (line: string) => void): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const limits of CASES)
    for (const refill of ["window", "continuous"] as const) {
      say(`converge: ${limits.plan}, refilled by ${refill} …`);
      rows.push(...(await oneCase(limits, refill, say)));
    }
  return rows;
}

async function oneCase(
  { plan, requestsPerMinute, burst }: (typeof CASES)[number],
  refill: "window" | "continuous",
  say: (line: string) => void,
): Promise<readonly Row[]> {
  const environment = await startEnvironment(temporaryFolder("bench"), say);
  const { connection, sandbox } = environment;
  sandbox.tenant.setPlan(plan, refill);
  const provider = providerOf(environment, requestsPerMinute, burst);
  await apply(connection, {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "bench", labels: { m2m: "allowed" } } as never,
  });
  const resources = documents();
  for (const document of resources) await apply(connection, document);
  sandbox.calls.clear();
  const startedAt = Date.now();
  await apply(connection, provider);
  const edit = editInTheMiddle(environment, resources);
  for (const document of resources) await waitReady(connection, document, 300_000);
  const seconds = (Date.now() - startedAt) / 1000;
  const calls = sandbox.calls.since(0);
  const managed = calls.filter((call) => call.path.startsWith("/api/v2/"));
  const { management = { rate: 0, per: "second", burst: 0 } } = PLANS[plan];
  const perSecond = management.rate / (management.per === "second" ? 1 : 60);
  const bound = Math.max(0, managed.length - management.burst) / perSecond;
  const subject = `m2m-operator, ${plan}, ${refill}`;
  const row = (metric: string, value: number, unit: string, limit?: number): Row => ({
    benchmark: "converge",
    subject,
    metric,
    value,
    unit,
    ...(limit === undefined ? {} : { bound: limit }),
  });
  const rows = [
    ...byEndpoint(managed).map(([endpoint, count]) => row(`calls ${endpoint}`, count, "calls")),
    row("calls, Management API", managed.length, "calls", APIS + CLIENTS + CLIENTS * GRANTS_PER_CLIENT + 4),
    row(
      "tokens (own and verification)",
      calls.filter((call) => call.path === "/oauth/token").length,
      "calls",
      CLIENTS + 1,
    ),
    row("429 answers", calls.filter((call) => call.status === 429).length, "calls", 0),
    row("wall time", seconds, "s", bound),
    row("share of the allowed rate used", (100 * bound) / seconds, "%", 95),
    row("calls between somebody's edit and its PATCH", await edit, "calls", EDIT_BOUND),
    row("calls of a look at rest", (await callsOfLook(environment)).length, "calls", PAGES),
    ...(await rowsOfRestart(environment, row)),
  ];
  await environment.stop();
  return rows;
}

/** What was under way when the edit came, and the slot that was given already. */
const EDIT_BOUND = 3;

/** Half way through, somebody renames an API that is there already: how many calls others still get before theirs. */
async function editInTheMiddle({ connection, sandbox }: Environment, resources: readonly Document[]): Promise<number> {
  const managed = (): readonly Call[] => sandbox.calls.since(0).filter(({ path }) => path.startsWith("/api/v2/"));
  while (managed().length < resources.length / 2) await delay(50);
  const api = resources.find(({ kind, metadata }) => kind === "OAuthApi" && metadata.name === "api-0");
  if (api === undefined) throw new Error("there is no API to edit");
  await waitReady(connection, api, 300_000);
  const before = managed().length;
  await apply(connection, { ...api, spec: { ...(api.spec as object), displayName: "renamed" } });
  for (;;) {
    const index = managed().findIndex(({ method }) => method === "PATCH");
    if (index >= 0) return index - before;
    await delay(10);
  }
}

/** The tenant is read again every ten seconds here: what one such look costs. */
async function callsOfLook({ sandbox }: Environment): Promise<readonly Call[]> {
  await settled(sandbox);
  sandbox.calls.clear();
  const deadline = Date.now() + 30_000;
  while (sandbox.calls.since(0).length === 0 && Date.now() < deadline) await delay(50);
  await settled(sandbox);
  return sandbox.calls.since(0);
}

type Call = ReturnType<Environment["sandbox"]["calls"]["since"]>[number];

/** No call for two seconds: between two looks. */
async function settled(sandbox: Environment["sandbox"]): Promise<void> {
  for (let last = -1; ;) {
    const newest = sandbox.calls.since(0).length;
    if (newest === last) return;
    last = newest;
    await delay(2000);
  }
}

/** A fresh process knows nothing but what status and Secrets say: what it asks of the tenant, and what it writes. */
async function rowsOfRestart(
  environment: Environment,
  row: (metric: string, value: number, unit: string, limit?: number) => Row,
): Promise<readonly Row[]> {
  const { sandbox } = environment;
  sandbox.calls.clear();
  await environment.restartOperator();
  while (sandbox.calls.since(0).length === 0) await delay(50);
  await settled(sandbox);
  const calls = sandbox.calls.since(0);
  const writes = calls.filter((call) => call.method !== "GET" && call.path.startsWith("/api/"));
  return [
    row("calls of a restart, token included", calls.length, "calls", PAGES + 2),
    row("writes of a restart", writes.length, "calls", 0),
  ];
}

function byEndpoint(calls: readonly { method: string; path: string }[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { method, path } of calls) {
    const endpoint = `${method} ${path.split("/").slice(0, 4).join("/")}`;
    counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
  }
  return [...counts].sort();
}

function providerOf({ sandbox }: Environment, requestsPerMinute: number, burst: number): Document {
  return defaultProvider({
    auth0: { domain: sandbox.auth0.domain },
    credentialsSecretRef: { name: "auth0-management" },
    caBundle: sandbox.caPem,
    driftInterval: "10s",
    rateLimit: { requestsPerMinute, burst, sharePercent: 100 },
  });
}

function documents(): readonly Document[] {
  const document = (kind: string, name: string, spec: Record<string, unknown>): Document =>
    documentIn("bench", kind, name, spec);
  const apis = range(APIS).map((i) =>
    document("OAuthApi", `api-${String(i)}`, {
      audience: `https://api-${String(i)}.example.com/`,
      scopes: [{ name: "read:all" }, { name: "write:all" }],
    }),
  );
  const clients = range(CLIENTS).map((i) =>
    document("M2MClient", `client-${String(i)}`, { secret: { primaryGrant: `grant-${String(i)}-0` } }),
  );
  const grants = range(CLIENTS).flatMap((i) =>
    range(GRANTS_PER_CLIENT).map((j) =>
      document("ScopeGrant", `grant-${String(i)}-${String(j)}`, {
        clientRef: { name: `client-${String(i)}` },
        apiRef: { name: `api-${String((i + j) % APIS)}` },
        scopes: ["read:all"],
      }),
    ),
  );
  return [...apis, ...clients, ...grants];
}
