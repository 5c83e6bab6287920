import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { ensureBinaries } from "../../../control-plane/binaries.ts";
import { createUser, kubeconfigOf } from "../../integration/admission/users.ts";
import { controlPlane } from "../../integration/control-plane.ts";
import { PROVIDERS } from "../../../src/providers/by-name.ts";
import { editByHand } from "../okta/org.ts";
import { createWorld, type World } from "../world.ts";
import { type MadeClient, makeByHand, tokenStatus } from "./by-hand.ts";
import { type Ended, m2m, ran } from "./plugin.ts";

/** `M2M_EXPORT_SIZE=100/500/3`: APIs, clients, grants of each client. */
const [apis = 10, clients = 50, grantsPerClient = 3] = (process.env["M2M_EXPORT_SIZE"] ?? "")
  .split("/")
  .filter((part) => part !== "")
  .map(Number);
const SIZE = { apis, clients, grantsPerClient };
const TIMEOUT_MS = 240_000 + clients * 2000;

const dir = mkdtempSync(join(tmpdir(), "m2m-cli-"));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

async function applied(file: string): Promise<Ended> {
  const kubectl = join(await ensureBinaries(() => undefined), "kubectl");
  return ran(kubectl, ["apply", "-f", file], { KUBECONFIG: controlPlane().kubeconfig }, TIMEOUT_MS);
}

/** The options with which the plugin reaches the simulated tenant. */
const reaching = ({ provider, systemNamespace, sandbox }: World): readonly string[] => [
  ...["--provider", provider, "--operator-namespace", systemNamespace],
  ...["--allowed-hosts", sandbox.auth0.domain, "--allow-private-addresses"],
];

const KINDS = ["OAuthApi", "M2MClient", "ScopeGrant"] as const;

/** Changes that reached the tenant's own API, by method and the first words of the path. */
const writesSince = ({ sandbox }: World, at: number): readonly string[] =>
  sandbox.calls
    .since(at)
    .filter(({ method, path }) => method !== "GET" && path.startsWith("/api/"))
    .map(({ method, path }) => `${method} ${path}`);

describe.each(["auth0", "okta"] as const)("at %s", (vendor) => {
  let world: World;
  let namespace: string;
  let made: readonly MadeClient[];
  const exported = (...more: readonly string[]): Promise<Ended> =>
    m2m(["export", "-n", namespace, ...reaching(world), ...excluded(), ...more], undefined, TIMEOUT_MS);
  // The org's app for operators with a key is a service app like others. This operator has an API token.
  const excluded = (): readonly string[] => (vendor === "okta" ? ["--exclude", world.sandbox.okta.clientId] : []);
  beforeAll(async () => {
    // Loading an SDK blocks the process, for longer than a Lease lasts where the machine is under load.
    await PROVIDERS[vendor]?.load();
    // A machine under load must not look like a tenant that needs a second try, or like another replica.
    const flags = ["--provider-timeout-ms", "30000", "--leader-election", "false"];
    world = await createWorld({ vendor, flags });
    await world.stopOperator();
    namespace = await world.namespace();
    made = await makeByHand(vendor, world.sandbox, SIZE);
    await world.startOperator();
  }, TIMEOUT_MS);
  afterAll(() => world.end(), TIMEOUT_MS);

  it(
    "what was made by hand becomes Ready from the export, with one mark for each object that can carry one",
    async () => {
      const before = world.sandbox.calls.since(0).length;
      const first = await exported();
      expect(first.stderr).toContain(`${String(clients)} M2MClients`);
      expect(first.code).toBe(0);
      expect(writesSince(world, before)).toEqual([]);
      const file = join(dir, `${vendor}.yaml`);
      writeFileSync(file, first.stdout);
      expect(await applied(file)).toMatchObject({ code: 0 });
      const settled = await m2m(["status", "-n", namespace, "--wait", "--timeout", "1h"], undefined, TIMEOUT_MS);
      expect(settled).toMatchObject({ code: 0 });
      const counts = await Promise.all(KINDS.map(async (kind) => (await world.cluster.list(kind, namespace)).length));
      expect(counts).toEqual([apis, clients, clients * grantsPerClient]);
      const writes = writesSince(world, before);
      expect(new Set(writes).size).toBe(writes.length);
      const ofClients = writes.filter((write) => /\/(clients|apps)\//.test(write));
      expect(ofClients).toHaveLength(clients);
      // Okta's authorization servers carry a mark, Auth0's APIs cannot.
      const ofApis = writes.filter((write) => /^PUT \/api\/v1\/authorizationServers\/[^/]+$/.test(write));
      expect(ofApis).toHaveLength(vendor === "okta" ? apis : 0);
      expect(writes).toHaveLength(ofClients.length + ofApis.length);
      for (const client of made) expect(await tokenStatus(world.sandbox, client)).toBe(200);
      expect((await exported()).stdout).toBe(first.stdout);
      const plan = await m2m(["plan", "-f", file, "-n", namespace, "--timeout", "10m"], undefined, TIMEOUT_MS);
      expect(plan).toMatchObject({ code: 0, stdout: expect.stringContaining("would change nothing") as unknown });
    },
    TIMEOUT_MS,
  );

  it(
    "--to writes one file for each object, the same the second time, and a kustomization of them",
    async () => {
      const to = join(dir, `${vendor}-files`);
      expect((await exported("--to", to)).code).toBe(0);
      const read = () =>
        readdirSync(to, { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".yaml"))
          .map((name) => [name, readFileSync(join(to, name), "utf8")]);
      const files = read();
      expect(files).toHaveLength(apis + clients + clients * grantsPerClient + 2);
      const kubectl = join(await ensureBinaries(() => undefined), "kubectl");
      const built = await ran(kubectl, ["kustomize", to]);
      expect(built.code).toBe(0);
      expect(parseAllDocuments(built.stdout)).toHaveLength(files.length - 1);
      await exported("--to", to);
      expect(read()).toEqual(files);
    },
    TIMEOUT_MS,
  );

  it(
    "needs the permission to get the credentials Secret, says so, and prints no credential",
    async () => {
      const { cluster, sandbox, systemNamespace } = world;
      const user = `exporter-${vendor}`;
      await (await createUser(cluster, namespace, user, [])).close();
      writeFileSync(join(dir, user), await kubeconfigOf(cluster, namespace, user));
      const args = ["export", "-n", namespace, ...reaching(world)];
      const { code, stderr } = await m2m(args, join(dir, user));
      expect(stderr).toMatch(/You may not get clusteridentityproviders/);
      expect(code).toBe(1);
      const wrong = await exported("--operator-namespace", "default");
      expect(wrong.stderr).toContain(`Secret default/${world.provider} does not exist.`);
      const { stdout, stderr: notes } = await exported();
      const secret = (await cluster.secret(systemNamespace, world.provider)) ?? {};
      for (const value of [secret["client_secret"], secret["api_token"]])
        if (value !== undefined) expect(stdout + notes).not.toContain(value);
      for (const { clientSecret } of made) expect(stdout).not.toContain(clientSecret);
      expect(sandbox.calls.since(0).length).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    "what no manifest can say is named at the top and on standard error, and the exit code is 4",
    async () => {
      const said = await beyondAt(vendor, world);
      const { code, stdout, stderr } = await exported();
      expect(stderr).toContain(said);
      expect(stdout.slice(0, stdout.indexOf("\n---\n"))).toMatch(/# Not in these manifests \(1\):\n# - /);
      expect(stdout).toContain(`# - ${said}`);
      expect(code).toBe(4);
    },
    TIMEOUT_MS,
  );
});

/** Changes something by hand that no field has. Returns what the export is to say of it. */
async function beyondAt(vendor: "auth0" | "okta", world: World): Promise<string> {
  const { sandbox } = world;
  if (vendor === "okta") {
    const [server] = [...sandbox.org.state.servers.values()].filter(({ name }) => name === "api-0");
    const conditions = { clients: { include: ["ALL_CLIENTS"] } };
    const policy = {
      type: "OAUTH_AUTHORIZATION_POLICY",
      name: "Everybody",
      description: "",
      status: "ACTIVE",
      priority: 1,
    };
    await editByHand(world, "POST", `/api/v1/authorizationServers/${server?.id ?? ""}/policies`, {
      ...policy,
      conditions,
    });
    return 'grant of all clients for https://api-0.example.com/: policy "Everybody" is for all clients';
  }
  const api = [...sandbox.tenant.state.resourceServers.values()].find(({ name }) => name === "api-0");
  Object.assign(api ?? {}, { token_encryption: { format: "compact-nested-jwe" } });
  return "API https://api-0.example.com/: token_encryption";
}
