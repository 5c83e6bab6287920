import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createOktaLegacy, LEGACY } from "../../../demo/legacy.ts";
import { conditionOf } from "../../integration/cluster.ts";
import { askToken } from "../okta/token.ts";
import { createExampleWorld, type ExampleWorld } from "./harness.ts";
import { claimsOf, tokenByKey } from "./okta-token.ts";

let world: ExampleWorld;
beforeAll(async () => {
  world = await createExampleWorld("okta");
});
afterAll(async () => {
  await world.end();
});

const folderOf = (example: string): string => join(world.dir, example);

const remove = (example: string): Promise<string> =>
  world.kubectl("delete", "-k", folderOf(example), "--timeout=60s", "--ignore-not-found");

/** In the copy of the example. */
function edit(example: string, change: (text: string) => string): void {
  const file = join(folderOf(example), `${example}.yaml`);
  writeFileSync(file, change(readFileSync(file, "utf8")));
}

const secretOf = async (namespace: string, name: string) => (await world.cluster.secret(namespace, name)) ?? {};

function pemOf(key: KeyObject): string {
  return key.export({ type: key.type === "public" ? "spki" : "pkcs8", format: "pem" }).toString();
}

it("keys: a key pair of the operator's and one of the user's get good tokens, and leave no trace", async () => {
  const before = await world.tenantState();
  const own = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const indented = pemOf(own.publicKey).trimEnd().replaceAll("\n", "\n            ");
  edit("keys", (text) => text.replace(/-----BEGIN PUBLIC KEY-----[^]*?-----END PUBLIC KEY-----/, indented));
  await world.kubectl("apply", "-k", folderOf("keys"));
  for (const grant of ["auditor-reads", "archive-reads"]) await world.ready("ScopeGrant", "keys-okta", grant);
  const auditor = await secretOf("keys-okta", "auditor-oauth");
  const archive = await secretOf("keys-okta", "archive-oauth");
  expect(auditor).toMatchObject({ token_endpoint_auth_method: "private_key_jwt", signing_algorithm: "ES256" });
  expect(Object.keys(archive)).not.toContain("private_key");
  const keyed = [
    [auditor, auditor["private_key"] ?? ""],
    [archive, pemOf(own.privateKey)],
  ] as const;
  for (const [secret, privateKey] of keyed) {
    const token = await tokenByKey(world, secret, privateKey);
    const claims = await claimsOf(world, secret["well_known_url"] ?? "", "https://ledger.example.com/okta", token);
    expect(claims).toMatchObject({ cid: secret["client_id"], scp: ["read:entries"] });
    expect(Object.keys(secret)).not.toContain("client_secret");
  }
  await remove("keys");
  expect(await world.tenantState()).toEqual(before);
});

const CLIENT = LEGACY.okta.clientId;
const SERVER = LEGACY.okta.authorizationServerId;

/** What the org answers to an administrator. */
async function atOrg<T>(path: string): Promise<T> {
  const { apiToken, url } = world.sandbox.okta;
  const headers = { authorization: `SSWS ${apiToken}` };
  const answer = await fetch(`${url}/api/v1${path}`, { dispatcher: world.trust, headers });
  expect(answer.ok, path).toBe(true);
  return (await answer.json()) as T;
}

/** As the org shows it, without the times of writes. */
async function shown(): Promise<unknown> {
  const server = `/authorizationServers/${SERVER}`;
  const [policy] = await atOrg<readonly { readonly id: string }[]>(`${server}/policies`);
  const paths = [
    "/apps",
    server,
    `${server}/scopes`,
    `${server}/policies`,
    `${server}/policies/${policy?.id ?? ""}/rules`,
  ];
  const documents: unknown[] = [];
  for (const path of paths) documents.push(await atOrg(path));
  return JSON.parse(JSON.stringify(documents, (key, value: unknown) => (key === "lastUpdated" ? "" : value)));
}

it("adoption: what was made by hand is kept from now on, and is as before when the resources go", async () => {
  await createOktaLegacy(world.sandbox);
  const before = await shown();
  world.sandbox.calls.clear();
  await world.kubectl("apply", "-k", folderOf("adoption"));
  await world.ready("OAuthApi", "adoption-okta", "invoices");
  await world.ready("M2MClient", "adoption-okta", "invoice-export");
  await world.ready("ScopeGrant", "adoption-okta", "invoice-export-reads");
  const writes = world.sandbox.calls
    .since(0)
    .filter(({ method, path }) => method !== "GET" && path.startsWith("/api/"));
  // The marks.
  const appId = [...world.sandbox.org.state.apps.values()].find(({ clientId }) => clientId === CLIENT)?.id ?? "";
  expect(writes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    `PUT /api/v1/apps/${appId}`,
    `PUT /api/v1/authorizationServers/${SERVER}`,
  ]);
  const secret = await secretOf("adoption-okta", "invoice-export-oauth");
  expect(secret["client_id"]).toBe(CLIENT);
  const { body } = await askToken(secret, world.sandbox.caPem, "read:invoices");
  const [url = "", audience = ""] = [secret["well_known_url"], secret["audience"]];
  expect(await claimsOf(world, url, audience, String(body["access_token"]))).toMatchObject({ scp: ["read:invoices"] });
  await remove("adoption");
  expect(await shown()).toEqual(before);
});

it("unsupported: each names the field that the org has no such thing as, and nothing is made there", async () => {
  const before = await world.tenantState();
  await world.kubectl("apply", "-k", folderOf("unsupported"));
  const fields: readonly (readonly [string, string, string])[] = [
    ["OAuthApi", "shared-secret", "spec.tokens.signingAlgorithm"],
    ["OAuthApi", "permissions", "spec.tokens.permissions"],
    ["OAuthApi", "profile", "spec.tokens.profile"],
    ["OAuthApi", "short-lived", "spec.tokens.lifetime"],
    ["OAuthApi", "other-section", "spec.auth0"],
    ["M2MClient", "quota", "spec.tokenQuota"],
    ["M2MClient", "default-organization", "spec.defaultOrganization"],
    ["M2MClient", "pss", "spec.authentication.privateKeyJwt.algorithm"],
    ["ScopeGrant", "organizations", "spec.organizations"],
  ];
  for (const [kind, name, field] of fields) {
    const object = await world.reason(kind, "unsupported-okta", name, "UnsupportedByProvider");
    expect(conditionOf(object, "Stalled")?.status, name).toBe("True");
    expect(conditionOf(object, "Ready")?.message).toContain(`does not support ${field}`);
  }
  expect(await world.tenantState()).toEqual(before);
  await remove("unsupported");
});
