import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createExampleWorld, type ExampleWorld } from "./harness.ts";

const NAMESPACE = "organizations";
const ACME = "org_AAAAAAAAAAAAAAA1";
const GLOBEX = "org_BBBBBBBBBBBBBBB2";
const CLIENTS = ["bookings-sync", "bookings-support", "bookings-report"] as const;

let world: ExampleWorld;
let folder: string;
let gateway: ChildProcess | undefined;
const service = createServer((request, response) => {
  response.end(`for ${String(request.headers["x-org-id"])}`);
});
beforeAll(async () => {
  world = await createExampleWorld();
  folder = join(world.dir, "organizations");
  for (const [id, name] of [
    [ACME, "acme"],
    [GLOBEX, "globex"],
  ] as const)
    world.sandbox.tenant.state.organizations.set(id, { id, name, display_name: name });
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
});
afterAll(async () => {
  gateway?.kill();
  service.close();
  await world.kubectl("delete", "-k", folder, "--ignore-not-found", "--timeout=60s");
  await world.end();
});

/** The gateway in a process of its own, with the files of the ConfigMap and nothing else. */
async function startGateway(): Promise<string> {
  const mounted = mkdtempSync(join(world.dir, "configmap-"));
  const { data = {} } = (await world.cluster.get("ConfigMap", NAMESPACE, "bookings-oauth")) ?? {};
  for (const [key, value] of Object.entries(data)) writeFileSync(join(mounted, key), value);
  const upstream = `http://127.0.0.1:${String((service.address() as AddressInfo).port)}`;
  const program = join(import.meta.dirname, "../../../deploy/examples/auth0/organizations/gateway.ts");
  gateway = spawn(process.execPath, [program, mounted, upstream, ACME], {
    env: { NODE_EXTRA_CA_CERTS: world.caFile },
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (gateway.stdout === null) throw new Error("the gateway has no output");
  const [port] = (await once(gateway.stdout, "data")) as [Buffer];
  return `http://127.0.0.1:${port.toString().trim()}/bookings`;
}

async function tokenOf(client: string, organization?: string): Promise<string | undefined> {
  const secret = (await world.cluster.secret(NAMESPACE, client)) ?? {};
  const { token_endpoint = "", client_id = "", client_secret = "", audience = "" } = secret;
  const parameters = { grant_type: "client_credentials", client_id, client_secret, audience };
  const body = new URLSearchParams({ ...parameters, ...(organization === undefined ? {} : { organization }) });
  const answer = await fetch(token_endpoint, { method: "POST", dispatcher: world.trust, body });
  return ((await answer.json()) as { access_token?: string }).access_token;
}

const links = (): readonly string[] => {
  const { grants, grantOrganizations, clients } = world.sandbox.tenant.state;
  const client = [...clients.values()].find(({ name }) => name === "bookings-sync");
  const grant = [...grants.values()].find(({ client_id: id }) => id === client?.client_id);
  return [...(grantOrganizations.get(grant?.id ?? "") ?? [])].sort();
};

async function linkTo(...names: readonly string[]): Promise<void> {
  const patch = JSON.stringify({ spec: { organizations: { names } } });
  await world.kubectl("-n", NAMESPACE, "patch", "scopegrant", "bookings-sync", "--type=merge", "-p", patch);
}

it("tokens carry the organization, the gateway hands it on and refuses another one", async () => {
  const before = await world.tenantState();
  await world.kubectl("apply", "-k", folder);
  for (const name of CLIENTS) {
    await world.ready("ScopeGrant", NAMESPACE, name);
    await world.ready("M2MClient", NAMESPACE, name);
    await eventually(
      () => world.cluster.get("M2MClient", NAMESPACE, name),
      (client) => conditionOf(client, "Verified")?.status === "True",
      `${name} Verified`,
    );
  }
  const url = await startGateway();
  const call = async (token: string | undefined): Promise<string> => {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token ?? ""}` } });
    return `${String(answer.status)} ${await answer.text()}`.trim();
  };
  expect(await call(await tokenOf("bookings-sync"))).toBe(`200 for ${ACME}`);
  expect(await call(await tokenOf("bookings-support", ACME))).toBe(`200 for ${ACME}`);
  expect(await call(await tokenOf("bookings-support", GLOBEX))).toBe("403");
  expect(await call(await tokenOf("bookings-support"))).toBe("403");
  expect(await call("not-a-token")).toBe("401");
  expect(await tokenOf("bookings-sync", GLOBEX)).toBeUndefined();
  expect(await tokenOf("bookings-report", ACME)).toBeUndefined();
  expect(await tokenOf("bookings-report")).toMatch(/^ey/);

  await linkTo("acme", "globex");
  await eventually(links, (ids) => ids.join() === [ACME, GLOBEX].join(), "both linked");
  expect(await tokenOf("bookings-sync", GLOBEX)).toMatch(/^ey/);
  await linkTo("acme");
  await eventually(links, (ids) => ids.join() === ACME, "one linked");
  await linkTo("acme", "nobody");
  await world.reason("ScopeGrant", NAMESPACE, "bookings-sync", "OrganizationNotFound");
  expect(links()).toEqual([ACME]);

  await world.kubectl("delete", "-k", folder, "--timeout=60s");
  expect(await world.tenantState()).toEqual(before);
}, 120_000);
