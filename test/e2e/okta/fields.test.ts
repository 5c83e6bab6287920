import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import type { World } from "../world.ts";
import { createOktaWorld, editByHand, type OrgView } from "./org.ts";
import { askToken, verified } from "./token.ts";

let world: World;
let view: OrgView;
let ns: string;
beforeAll(async () => {
  ({ world, view } = await createOktaWorld());
  ns = await world.namespace();
});
afterAll(async () => {
  await world.end();
});

const audienceOf = (name: string): string => `https://${ns}.example.com/${name}`;

/** Waits until what the org holds looks so. */
const becomes = (seen: () => unknown, wanted: unknown): Promise<unknown> =>
  eventually(
    () => Promise.resolve(JSON.stringify(seen())),
    (text) => text === JSON.stringify(wanted),
    JSON.stringify(wanted),
  );

const patch = (kind: string, name: string, spec: object): Promise<unknown> =>
  world.cluster.patch(kind, ns, name, { spec });

const descriptionOf = (name: string): string =>
  (view.server(audienceOf(name))?.description ?? "").replace(/ ?\[.*\]$/, "");

it("an API's name, description and scopes are the server's, and change with the spec", async () => {
  await world.api(ns, "texts", {
    displayName: "Timesheets",
    description: "Hours worked",
    scopes: [{ name: "a", description: "A", default: true }, { name: "b" }],
  });
  await world.ready("OAuthApi", ns, "texts");
  const scopes = () =>
    [...(view.server(audienceOf("texts"))?.scopes.values() ?? [])]
      .filter(({ system }) => !system)
      .map((scope) => [scope.name, scope["description"], scope.default, scope.consent, scope.metadataPublish]);
  const isPlain = ["IMPLICIT", "ALL_CLIENTS"];
  expect([view.server(audienceOf("texts"))?.name, descriptionOf("texts")]).toEqual(["Timesheets", "Hours worked"]);
  expect(scopes()).toEqual([
    ["a", "A", true, ...isPlain],
    ["b", "", false, ...isPlain],
  ]);
  await patch("OAuthApi", "texts", {
    displayName: "Hours",
    description: "Other",
    scopes: [{ name: "a", description: "Changed" }, { name: "c" }],
  });
  await becomes(
    () => [view.server(audienceOf("texts"))?.name, descriptionOf("texts"), scopes()],
    [
      "Hours",
      "Other",
      [
        ["a", "Changed", false, ...isPlain],
        ["c", "", false, ...isPlain],
      ],
    ],
  );
});

it("claims are in tokens, change with the spec, and go when it no longer names them", async () => {
  await world.api(ns, "claims", {
    okta: {
      claims: [
        { name: "team", expression: '"payroll"' },
        { name: "client", expression: "app.clientId", scopes: ["read:things"] },
      ],
    },
  });
  await world.client(ns, "claims");
  await world.grant(ns, "claims", { clientRef: { name: "claims" }, apiRef: { name: "claims" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "claims");
  const secret = (await world.cluster.secret(ns, "claims")) ?? {};
  const claims = async (scope: string) => {
    const { body } = await askToken(secret, world.sandbox.caPem, scope);
    const { team, client } = await verified(body["access_token"], secret, world.sandbox.caPem);
    return [team, client];
  };
  expect(await claims("read:things")).toEqual(["payroll", secret["client_id"]]);
  expect(await claims("write:things")).toEqual(["payroll", undefined]);
  await patch("OAuthApi", "claims", { okta: { claims: [{ name: "team", expression: '"billing"' }] } });
  await eventually(
    async () => JSON.stringify(await claims("read:things")),
    (seen) => seen === '["billing",null]',
    "the changed claims",
  );
});

it("issuer mode and signing key rotation are the server's, and a custom domain is in what workloads get", async () => {
  await world.configure({ okta: { customDomain: world.sandbox.okta.customDomain } });
  await world.api(ns, "issuer", { okta: { issuerMode: "CustomUrl", signingKeyRotation: "Manual" } });
  await world.client(ns, "issuer");
  await world.grant(ns, "issuer", { clientRef: { name: "issuer" }, apiRef: { name: "issuer" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "issuer");
  const server = () => view.server(audienceOf("issuer"));
  expect([server()?.issuerMode, server()?.rotationMode]).toEqual(["CUSTOM_URL", "MANUAL"]);
  const secret = (await world.cluster.secret(ns, "issuer")) ?? {};
  const { customDomain } = world.sandbox.okta;
  expect([secret["domain"], secret["issuer"]]).toEqual([
    customDomain,
    `https://${String(customDomain)}/oauth2/${String(server()?.id)}`,
  ]);
  const { body } = await askToken(secret, world.sandbox.caPem, "read:things");
  await verified(body["access_token"], secret, world.sandbox.caPem);
  await patch("OAuthApi", "issuer", { okta: { issuerMode: "OrgUrl", signingKeyRotation: "Auto" } });
  await becomes(() => [server()?.issuerMode, server()?.rotationMode], ["ORG_URL", "AUTO"]);
  await eventually(
    () => world.cluster.secret(ns, "issuer"),
    (now) => now?.["issuer"] === `${world.sandbox.okta.url}/oauth2/${String(server()?.id)}`,
    "the issuer that the server has now",
  );
});

it("a lifetime is in every rule of the API, or in that of one grant, and changes with the specs", async () => {
  await world.api(ns, "life", { tokens: { lifetime: "15m" } });
  for (const name of ["one", "two"]) {
    await world.client(ns, name);
    await world.grant(ns, name, { clientRef: { name }, apiRef: { name: "life" }, allScopes: true });
    await world.ready("ScopeGrant", ns, name);
  }
  const ids = await Promise.all(
    ["one", "two"].map(async (name) => (await world.ready("M2MClient", ns, name)).status?.["clientId"]),
  );
  const minutes = () => ids.map((id) => view.policies(audienceOf("life"), id)[0]?.rules[0]?.lifetimeMinutes);
  expect(minutes()).toEqual([15, 15]);
  await patch("OAuthApi", "life", { tokens: { lifetime: "45m" } });
  await becomes(minutes, [45, 45]);
  await patch("ScopeGrant", "two", { tokenLifetime: "5m" });
  await becomes(minutes, [45, 5]);
  expect((await world.ready("OAuthApi", ns, "life")).status?.["tokenLifetime"]).toBe("45m");
});

it("a client has the id that was chosen, its texts and metadata, and is switched off and on without losing anything", async () => {
  await world.client(ns, "app", {
    clientId: "chosen-for-payroll",
    displayName: "Job",
    description: "Uploads",
    metadata: { team: "payroll" },
    authentication: { method: "client_secret_post" },
  });
  const client = await world.ready("M2MClient", ns, "app");
  expect(client.status?.["clientId"]).toBe("chosen-for-payroll");
  const app = () => view.app("chosen-for-payroll");
  const note = () => (app()?.settings["notes"] as { readonly admin?: unknown } | undefined)?.admin;
  const seen = () => [app()?.label, note(), app()?.profile?.["team"], app()?.authMethod, app()?.status];
  expect(seen()).toEqual(["Job", "Uploads", "payroll", "client_secret_post", "ACTIVE"]);
  const secret = await world.cluster.secret(ns, "app");
  await patch("M2MClient", "app", {
    displayName: "Other",
    description: "Changed",
    metadata: { team: null, cost: "42" },
    authentication: { method: "client_secret_basic" },
    rotation: { announce: "0s", waitForPods: "None" },
    enabled: false,
  });
  await becomes(
    () => [...seen(), app()?.profile?.["cost"]],
    ["Other", "Changed", undefined, "client_secret_post", "INACTIVE", "42"],
  );
  await world.reason("M2MClient", ns, "app", "CredentialPending");
  await patch("M2MClient", "app", { enabled: true });
  await becomes(() => app()?.status, "ACTIVE");
  await eventually(
    () => world.cluster.secret(ns, "app"),
    (now) =>
      now?.["token_endpoint_auth_method"] === "client_secret_basic" &&
      now["client_secret"] !== secret?.["client_secret"] &&
      app()?.authMethod === "client_secret_basic",
    "the other method, with a secret of its own",
  );
});

it("a client authenticates with a key pair of the operator's, or with the user's own keys, and goes back to a secret", async () => {
  await world.api(ns, "keys");
  await world.client(ns, "keys", { authentication: { method: "private_key_jwt" } });
  await world.grant(ns, "keys", { clientRef: { name: "keys" }, apiRef: { name: "keys" }, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, "keys");
  await eventually(
    () => world.cluster.get("M2MClient", ns, "keys"),
    (client) => conditionOf(client, "Verified")?.status === "True",
    "a token by the operator's key",
  );
  const secret = (await world.cluster.secret(ns, "keys")) ?? {};
  expect(secret["client_assertion_audience"]).toBe(secret["token_endpoint"]);
  const app = () => view.app(secret["client_id"]);
  expect(app()?.keys.map(({ kid }) => kid)).toEqual([secret["key_id"]]);
  const own = [
    generateKeyPairSync("rsa", { modulusLength: 2048 }),
    generateKeyPairSync("ec", { namedCurve: "secp384r1" }),
  ].map(({ publicKey }) => ({ pem: publicKey.export({ type: "spki", format: "pem" }).toString() }));
  await patch("M2MClient", "keys", { authentication: { privateKeyJwt: { publicKeys: own } } });
  await eventually(
    () => Promise.resolve(app()?.keys ?? []),
    (keys) => keys.length === 2 && keys.every(({ kid }) => kid !== secret["key_id"]),
    "the user's keys alone",
  );
  expect(app()?.keys.map(({ kty, alg }) => [kty, alg])).toEqual([
    ["RSA", "RS256"],
    ["EC", "ES384"],
  ]);
  // From a key that the operator still holds, the change would be announced first.
  await world.ready("M2MClient", ns, "keys");
  await patch("M2MClient", "keys", { authentication: { method: "client_secret_basic", privateKeyJwt: null } });
  await becomes(() => app()?.authMethod, "client_secret_basic");
  await eventually(
    async () => askToken((await world.cluster.secret(ns, "keys")) ?? {}, world.sandbox.caPem, "read:things"),
    ({ status }) => status === 200,
    "a token by the secret",
  );
});

it("a secret that somebody replaced at the org is published once a look at the client is asked for", async () => {
  await world.client(ns, "replaced");
  const client = await world.ready("M2MClient", ns, "replaced");
  const before = (await world.cluster.secret(ns, "replaced"))?.["client_secret"];
  const path = `/api/v1/apps/${String(view.app(client.status?.["clientId"])?.id)}/credentials/secrets`;
  await editByHand(world, "POST", path, {});
  const [old] = view.app(client.status?.["clientId"])?.secrets ?? [];
  await editByHand(world, "POST", `${path}/${String(old?.id)}/lifecycle/deactivate`);
  await editByHand(world, "DELETE", `${path}/${String(old?.id)}`);
  await world.annotate("M2MClient", ns, "replaced", "reconcile-requested-at", "now");
  await eventually(
    () => world.cluster.secret(ns, "replaced"),
    (secret) =>
      secret?.["client_secret"] !== before &&
      secret?.["client_secret"] === view.app(client.status?.["clientId"])?.secrets[0]?.client_secret,
    "the secret that the org has now",
  );
});
