import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { exportTenant, importTenant, type TenantYaml, tenantYaml } from "../../bench/deploy-cli.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { deployTenant } from "./auth0/deployed-tenant.ts";

const wanted = tenantYaml({ apis: 3, clients: 5, grantsPerClient: 2 });
const TIMEOUT_MS = 300_000;

let sandbox: Sandbox;
let dir: string;
beforeAll(async () => {
  sandbox = await startSandbox();
  dir = mkdtempSync(join(tmpdir(), "m2m-export-"));
});
afterAll(async () => {
  await sandbox.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The calls as they were answered; those of one kind that follow each other as one, e.g. `POST clients x5`. */
function sequence(): readonly string[] {
  const runs: { endpoint: string; count: number }[] = [];
  for (const { method, path } of sandbox.calls.since(0)) {
    const [, , , type = "", id] = path.startsWith("/api/v2/") ? path.split("/") : ["", "", "", path];
    const endpoint = `${method} ${type}${id === undefined ? "" : "/ID"}`;
    const last = runs.at(-1);
    if (last?.endpoint === endpoint) last.count += 1;
    else runs.push({ endpoint, count: 1 });
  }
  return runs.map(({ endpoint, count }) => `${endpoint} x${String(count)}`);
}

const refusals = () => sandbox.calls.since(0).filter((call) => call.status >= 400);

/** What the tenant holds beside what it was made with. */
function held(of: Sandbox = sandbox) {
  const { resourceServers, clients, grants } = of.tenant.state;
  const isOwn = (clientId: string): boolean => clientId === of.auth0.clientId;
  return {
    apis: [...resourceServers.values()].filter((api) => api["is_system"] !== true),
    clients: [...clients.values()].filter((client) => client["global"] !== true && !isOwn(client.client_id)),
    grants: [...grants.values()].filter((grant) => !isOwn(grant.client_id)),
  };
}

/** The same, without what every tenant makes up for itself, and in one order: the tool sends several at once. */
function heldWithoutIds(of: Sandbox) {
  const { apis, clients, grants } = held(of);
  const named = (id: string) => of.tenant.state.clients.get(id)?.["name"];
  return {
    apis: ordered(apis.map(({ id: _id, ...api }) => api)),
    clients: ordered(clients.map(({ client_id: _id, client_secret: _secret, ...client }) => client)),
    grants: ordered(grants.map(({ id: _id, client_id: client, ...grant }) => ({ ...grant, client: named(client) }))),
  };
}

const ordered = <Item>(items: readonly Item[]): readonly Item[] =>
  items.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));

const nameOf = (clientId: string) => sandbox.tenant.state.clients.get(clientId)?.["name"];

const exported = () => parse(readFileSync(join(dir, "tenant.yaml"), "utf8")) as TenantYaml;

const sorted = (items: readonly unknown[]): readonly string[] => items.map((item) => JSON.stringify(item)).sort();

it(
  "a first import makes each object with one call, and asks for each list once",
  async () => {
    await importTenant(sandbox, wanted);
    expect(sequence()).toEqual([
      "POST /oauth/token x1",
      "GET resource-servers x1",
      "POST resource-servers x3",
      "GET clients x1",
      "POST clients x5",
      "GET clients x1",
      "GET client-grants x1",
      "POST client-grants x10",
    ]);
    expect(refusals()).toEqual([]);
    const { apis, clients, grants } = held();
    expect(sorted(apis.map(({ name, identifier, token_lifetime }) => [name, identifier, token_lifetime]))).toEqual(
      sorted(wanted.resourceServers.map(({ name, identifier }) => [name, identifier, 3600])),
    );
    expect(sorted(clients.map(({ name, app_type, grant_types }) => [name, app_type, grant_types]))).toEqual(
      sorted(wanted.clients.map(({ name }) => [name, "non_interactive", ["client_credentials"]])),
    );
    expect(sorted(grants.map((grant) => [nameOf(grant.client_id), grant.audience, grant.scope]))).toEqual(
      sorted(wanted.clientGrants.map((grant) => [grant.client_id, grant.audience, grant["scope"]])),
    );
  },
  TIMEOUT_MS,
);

it("the objects that other tests make in its place are the objects that it makes", async () => {
  const other = await startSandbox();
  await deployTenant(other, wanted);
  expect(heldWithoutIds(other)).toEqual(heldWithoutIds(sandbox));
  await other.close();
});

it(
  "an export names the same APIs, clients and grants",
  async () => {
    sandbox.calls.clear();
    await exportTenant(sandbox, dir);
    expect(refusals()).toEqual([]);
    expect(sandbox.calls.since(0).filter((call) => call.method !== "GET")).toHaveLength(1);
    const { resourceServers, clients, clientGrants } = exported();
    expect(sorted(resourceServers.map((api) => api.identifier))).toEqual(
      sorted(wanted.resourceServers.map((api) => api.identifier)),
    );
    // Its own client is exported too, though an import passes over it; its grant is not.
    expect(sorted(clients.map(({ name }) => name))).toEqual(
      sorted([...wanted.clients.map(({ name }) => name), nameOf(sandbox.auth0.clientId)]),
    );
    expect(sorted(clientGrants.map((grant) => [grant.client_id, grant.audience, grant["scope"]]))).toEqual(
      sorted(wanted.clientGrants.map((grant) => [grant.client_id, grant.audience, grant["scope"]])),
    );
  },
  TIMEOUT_MS,
);

it(
  "what was exported, imported again, writes every object and changes none",
  async () => {
    const before = structuredClone(held());
    sandbox.calls.clear();
    await importTenant(sandbox, exported());
    expect(sequence()).toEqual([
      "POST /oauth/token x1",
      "GET resource-servers x1",
      "PATCH resource-servers/ID x3",
      "GET clients x1",
      "PATCH clients/ID x5",
      "GET clients x1",
      "GET client-grants x1",
      "PATCH client-grants/ID x10",
    ]);
    expect(refusals()).toEqual([]);
    expect(held()).toEqual(before);
    const patched = sandbox.calls.since(0).flatMap(({ method, path }) => (method === "PATCH" ? [path] : []));
    expect(new Set(patched).size).toBe(18);
  },
  TIMEOUT_MS,
);
