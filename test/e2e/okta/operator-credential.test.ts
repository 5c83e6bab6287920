import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { defaultOrgKnobs } from "../../../sandbox/okta/knobs.ts";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import type { World } from "../world.ts";
import { createOktaWorld, type OrgView } from "./org.ts";

let world: World;
let view: OrgView;
let ns: string;
beforeAll(async () => {
  ({ world, view } = await createOktaWorld());
  ns = await world.namespace();
});
afterEach(() => {
  view.org.knobs = defaultOrgKnobs();
});
afterAll(async () => {
  await world.end();
});

let count = 0;

/** A provider object of its own with this credential. */
async function connectedWith(credentials: Readonly<Record<string, string>>): Promise<string> {
  const name = `org-${String(count++)}`;
  await world.cluster.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: ns },
    stringData: credentials,
  });
  await world.cluster.apply(
    world.resource("IdentityProvider", ns, name, {
      okta: { orgUrl: world.sandbox.okta.url },
      credentialsSecretRef: { name },
      caBundle: world.sandbox.caPem,
      rateLimit: { requestsPerMinute: 60_000, burst: 2000, sharePercent: 100 },
    }),
  );
  return name;
}

const appKey = () => {
  const { clientId, privateKey, keyId } = world.sandbox.okta;
  return { client_id: clientId, private_key: privateKey, key_id: keyId };
};

it.each<[string, () => Readonly<Record<string, string>>, boolean]>([
  ["an API token", () => ({ api_token: world.sandbox.okta.apiToken }), false],
  ["an RSA key of a service app", appKey, false],
  ["an EC key of a service app", () => ({ ...appKey(), ...ecKey() }), false],
  ["a key of a service app whose tokens are bound to a key", appKey, true],
])("with %s the operator makes what is wanted", async (_what, credentials, isBound) => {
  view.org.knobs.operatorDpop = isBound;
  const name = await connectedWith(credentials());
  await world.ready("IdentityProvider", ns, name);
  const providerRef = { kind: "IdentityProvider", name };
  await world.api(ns, name, { providerRef });
  await world.client(ns, name, { providerRef, secret: { name: `${name}-oauth` } });
  await world.grant(ns, name, { clientRef: { name }, apiRef: { name }, allScopes: true });
  await world.ready("ScopeGrant", ns, name);
  await world.cluster.patch("OAuthApi", ns, name, { spec: { description: "Changed" } });
  await eventually(
    () => Promise.resolve(view.server(`https://${ns}.example.com/${name}`)?.description ?? ""),
    (description) => description.startsWith("Changed"),
    "the description",
  );
});

const ecKey = () => {
  const { privateKey, keyId } = world.sandbox.okta.ec;
  return { private_key: privateKey, key_id: keyId };
};

it.each<[string, string, string, () => Readonly<Record<string, string>>, (() => void)?]>([
  ["a wrong API token", "CredentialsInvalid", "expired", () => ({ api_token: "00not-a-real-token" })],
  [
    "an org without API Access Management",
    "FeatureNotLicensed",
    "does not have API Access Management",
    () => ({ api_token: world.sandbox.okta.apiToken }),
    () => (view.org.knobs.apiAccessManagement = false),
  ],
  [
    "an administrator without the role",
    "AdminRoleMissing",
    "API Access Management Administrator",
    appKey,
    () => (view.org.knobs.operatorRole = "NONE"),
  ],
  [
    "an app without one of the scopes",
    "PermissionsMissing",
    "okta.authorizationServers.manage",
    appKey,
    () => (view.org.knobs.operatorScopes = ["okta.apps.manage"]),
  ],
  ["a key of another app", "CredentialsInvalid", "refused", () => ({ ...appKey(), key_id: "not-its-key" })],
  ["half a credential", "CredentialsInvalid", "key_id", () => ({ client_id: "0oa1", private_key: "x" })],
])("with %s the provider says %s, and in plain words", async (_what, reason, words, credentials, prepare) => {
  prepare?.();
  const name = await connectedWith(credentials());
  const provider = await world.reason("IdentityProvider", ns, name, reason);
  expect(conditionOf(provider, "Stalled")?.status).toBe("True");
  expect(conditionOf(provider, "Ready")?.message).toContain(words);
  expect(world.logs.join("\n")).not.toContain(world.sandbox.okta.apiToken);
});

it("a credential that is mended is picked up at once", async () => {
  const name = await connectedWith({ api_token: "00not-a-real-token" });
  await world.reason("IdentityProvider", ns, name, "CredentialsInvalid");
  await world.cluster.patch("Secret", ns, name, {
    data: { api_token: Buffer.from(world.sandbox.okta.apiToken).toString("base64") },
  });
  await world.ready("IdentityProvider", ns, name);
});
