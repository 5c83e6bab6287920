import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect as connectTo } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { controlPlane } from "../../integration/control-plane.ts";
import { createUser, kubeconfigOf } from "../../integration/admission/users.ts";
import { pluginProgram } from "../../integration/programs.ts";
import { createWorld, type World } from "../world.ts";
import { type Ended, m2m, ran } from "./plugin.ts";

const dir = mkdtempSync(join(tmpdir(), "m2m-cli-"));
let world: World;
let namespace: string;
let own: KeyObject;

beforeAll(async () => {
  world = await createWorld();
  namespace = await world.namespace();
  world.sandbox.tenant.state.organizations.set("org_aB3dE5gH7jK9mN1p", {
    id: "org_aB3dE5gH7jK9mN1p",
    name: "acme",
    display_name: "Acme",
  });
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  own = privateKey;
  const publicKeys = [{ pem: publicKey.export({ type: "spki", format: "pem" }).toString() }];
  const template = { data: { password: "{{ client_secret }}" } };
  await world.api(namespace, "api");
  await world.client(namespace, "importer");
  await world.client(namespace, "own", {
    authentication: { method: "private_key_jwt", privateKeyJwt: { publicKeys } },
  });
  await world.client(namespace, "templated", { secret: { keyStyle: "None", template } });
  const organizations = { usage: "Allow", names: ["acme"] };
  for (const name of ["importer", "own", "templated"]) {
    const refs = { clientRef: { name }, apiRef: { name: "api" } };
    await world.grant(namespace, name, {
      ...refs,
      scopes: ["read:things"],
      ...(name === "importer" ? { organizations } : {}),
    });
  }
  for (const name of ["importer", "own", "templated"]) {
    await world.ready("ScopeGrant", namespace, name);
    await world.ready("M2MClient", namespace, name);
  }
});
afterAll(async () => {
  await world.end();
  rmSync(dir, { recursive: true });
});

function file(name: string, text: string): string {
  writeFileSync(join(dir, name), text, { mode: 0o600 });
  return join(dir, name);
}
const inside = (...args: readonly string[]): Promise<Ended> => m2m([...args, "-n", namespace]);

it("a client with keys of its own needs --private-key, and then gets a token", async () => {
  const refused = await inside("token", "own");
  expect(refused.stderr).toContain(
    "Only you have the private key of this client (publicKeys).\nUse --private-key FILE.",
  );
  expect(refused.code).toBe(1);
  for (const type of ["pkcs8", "pkcs1"] as const) {
    const key = file(`${type}.pem`, own.export({ type, format: "pem" }).toString());
    const { code, stdout } = await inside("token", "own", "--private-key", key);
    expect(stdout).toContain("Valid: Signature, issuer, audience, scopes and client are correct.");
    expect(code).toBe(0);
  }
  const verified = await inside("verify", "own", "--private-key", join(dir, "pkcs8.pem"));
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/own +https\S+ +Valid/) as unknown });
});

it("another key is refused by the tenant, and a file that is no key before any request", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const other = file("other.pem", privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  const { code, stderr } = await inside("token", "own", "--private-key", other);
  expect(stderr).toContain("refused the token request");
  expect(code).toBe(1);
  const wrong = await inside("token", "own", "--private-key", file("wrong.pem", "no key"));
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("is not a private key in PEM") as unknown });
  const missing = await inside("token", "own", "--private-key", join(dir, "nothing"));
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot be read: ENOENT") as unknown });
});

it("says what to do for a Secret with the keys of a template alone", async () => {
  const { code, stderr } = await inside("token", "templated");
  expect(stderr).toContain("It has only the keys of its template (keyStyle: None)");
  expect(stderr).toContain("Set another spec.secret.keyStyle. The keys of the template stay.");
  expect(code).toBe(1);
});

it("verify -A covers every namespace, and does not fail for what it does not support", async () => {
  const { code, stdout } = await m2m(["verify", "-A", "-o", "json"]);
  const rows = JSON.parse(stdout) as readonly { readonly namespace: string; client: string; result: string }[];
  const mine = rows.filter((row) => row.namespace === namespace).map(({ client, result }) => `${client} ${result}`);
  expect(mine.sort()).toEqual(["importer Valid", "own NotChecked", "templated NotChecked"]);
  expect(code).toBe(rows.some(({ result }) => result === "Failed" || result === "Invalid") ? 3 : 0);
});

it("--org binds the token to an organization", async () => {
  const { stderr, stdout } = await inside("token", "importer", "--org", "org_aB3dE5gH7jK9mN1p", "--raw");
  expect(stderr).toBe("");
  expect(decodeJwt(stdout.trim())).toMatchObject({ org_id: "org_aB3dE5gH7jK9mN1p" });
  const checked = await inside("token", "importer", "--org", "org_aB3dE5gH7jK9mN1p");
  expect(checked.stdout).toContain("Valid: ");
});

it("--ca names the authorities where the provider object cannot be read", async () => {
  const rules = [
    { apiGroups: [""], resources: ["secrets"], verbs: ["get"] },
    { apiGroups: ["m2m-operator.io"], resources: ["m2mclients", "scopegrants"], verbs: ["get", "list"] },
  ];
  await (await createUser(world.cluster, namespace, "reader", rules)).close();
  const kubeconfig = file("reader", await kubeconfigOf(world.cluster, namespace, "reader"));
  const args = ["token", "importer", "-n", namespace];
  const refused = await m2m(args, kubeconfig);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("use --ca FILE") as unknown });
  const allowed = await m2m([...args, "--ca", file("ca.pem", world.sandbox.caPem)], kubeconfig);
  expect(allowed).toMatchObject({ code: 0, stdout: expect.stringContaining("Valid: ") as unknown });
});

it("HTTPS_PROXY is used for the tenant, and NO_PROXY exempts hosts", async () => {
  const proxy = await startProxy();
  const through = (noProxy: string): Promise<Ended> =>
    ran(process.execPath, [pluginProgram(), "token", "importer", "-n", namespace], {
      KUBECONFIG: controlPlane().kubeconfig,
      // Those of the machine that runs this test do not count.
      ...{ HTTPS_PROXY: proxy.url, https_proxy: proxy.url, NO_PROXY: noProxy, no_proxy: noProxy },
    });
  try {
    expect(await through("")).toMatchObject({ code: 0, stdout: expect.stringContaining("Valid: ") as unknown });
    expect(new Set(proxy.hosts)).toContain(world.sandbox.auth0.domain);
    proxy.hosts.length = 0;
    const [name = ""] = world.sandbox.auth0.domain.split(":");
    expect((await through(name)).code).toBe(0);
    expect(proxy.hosts).not.toContain(world.sandbox.auth0.domain);
  } finally {
    proxy.server.close();
  }
});

/** A proxy that tunnels (CONNECT), and remembers where to. */
async function startProxy(): Promise<{ readonly url: string; readonly hosts: string[]; readonly server: Server }> {
  const hosts: string[] = [];
  const server = createServer();
  server.on("connect", ({ url = "" }, client) => {
    hosts.push(url);
    const [host, port] = url.split(":");
    const target = connectTo(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, hosts, server };
}
