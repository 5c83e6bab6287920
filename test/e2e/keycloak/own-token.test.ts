import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { createRealm, type Realm } from "../../../keycloak/realm.ts";
import { admin, conditionOf, eventually } from "../../integration/cluster.ts";
import { controlPlane } from "../../integration/control-plane.ts";
import { describeKeycloak, keycloak } from "../../integration/keycloak/server.ts";
import { m2m } from "../cli/plugin.ts";
import { createWorld, type World } from "../world.ts";
import { createFederatedClient, createOwnAccount, giveRole, type OwnAccount } from "./own-account.ts";
import { ALIAS } from "./service-account.ts";
import { requestToken } from "./token.ts";

const LONG = 300_000;
const OWN = "m2m-own";
const KIND = "ClusterIdentityProvider";
/** Realms that take a token for so many seconds after it was issued. */
const SHORT_SECONDS = 15;

describeKeycloak(() => {
  const cluster = admin();
  let realm: Realm;
  let account: OwnAccount;
  let audience: string;
  let world: World;
  const tokens: string[] = [];
  beforeAll(async () => {
    const { url, caPem } = keycloak();
    realm = await createRealm(keycloak());
    account = await createOwnAccount(cluster);
    audience = `${url}/realms/${realm.name}`;
    await createFederatedClient(realm, OWN, account.subject);
    world = await createWorld({
      patienceMs: 120_000,
      flags: ["--provider-timeout-ms", "30000", "--service-account-tokens", account.directory],
      tenant: {
        ...{ host: new URL(url).host, credentials: undefined },
        spec: { keycloak: { url, realm: realm.name }, caBundle: caPem },
      },
    });
  }, LONG);
  afterAll(async () => {
    await world.end();
    await account.remove();
    await realm.remove();
    await cluster.close();
  }, LONG);

  const renew = async (): Promise<number> => {
    const { token, issuedAt } = await account.renewToken(audience);
    tokens.push(token);
    return issuedAt;
  };
  const message = async (reason: string): Promise<string> =>
    conditionOf(await world.reason(KIND, "", world.provider, reason), "Ready")?.message ?? "";
  const readNow = (value: string) => world.annotate(KIND, "", world.provider, "reconcile-requested-at", value);
  const changeIssuer = async (config: object): Promise<void> => {
    const path = `/identity-provider/instances/${ALIAS}`;
    const now = (await realm.admin("GET", path)) as { readonly config: object };
    await realm.admin("PUT", path, { ...now, config: { ...now.config, ...config } });
  };
  /** Access tokens that were issued until now are refused from now on. */
  const endSessions = () => realm.admin("PUT", "", { notBefore: Math.floor(Date.now() / 1000) + 1 });

  it(
    "the operator tells which token is missing, what the realm lacks, and is Ready once both are there, without a Secret",
    async () => {
      const missing = await message("CredentialsMissing");
      expect(missing).toContain(`no token with ${audience} as its only audience`);
      await renew();
      await readNow("1");
      const refused = await message("CredentialsInvalid");
      expect(refused).toContain(`Keycloak refused the token of ${account.subject}`);
      expect(refused).toContain(`of type Kubernetes with the issuer ${controlPlane().issuer},`);
      const config = { issuer: controlPlane().issuer };
      const idp = { alias: ALIAS, providerId: "kubernetes", enabled: true, hideOnLogin: true, config };
      await realm.admin("POST", "/identity-provider/instances", idp);
      // Nothing in the cluster changes: the operator tries again by itself.
      const ready = await message("Ready");
      expect(ready).toBe("The operator's credential works, and the operator has read the tenant.");
    },
    LONG,
  );

  it(
    "it creates API, client and grant, and the client's Secret gets a token",
    async () => {
      const ns = await world.namespace();
      await world.api(ns, "timesheets");
      await world.client(ns, "importer", { secret: { name: "importer-oauth" } });
      await world.grant(ns, "uploads", {
        ...{ clientRef: { name: "importer" }, apiRef: { name: "timesheets" }, scopes: ["read:things"] },
      });
      for (const [kind, name] of [
        ["OAuthApi", "timesheets"],
        ["M2MClient", "importer"],
        ["ScopeGrant", "uploads"],
      ] as const)
        await world.ready(kind, ns, name);
      const secret = (await world.cluster.secret(ns, "importer-oauth")) ?? {};
      expect(await requestToken(secret, keycloak().caPem)).toMatchObject({ status: 200, scope: "read:things" });
      // The operator stores the key of its proofs there, and no credential.
      const secrets = (await world.cluster.list("Secret", world.systemNamespace)).map(({ metadata }) => metadata.name);
      expect(secrets).toEqual(["m2m-operator-proof-key"]);
    },
    LONG,
  );

  it(
    "it does not manage its own client, which it knows by the token alone",
    async () => {
      const ns = await world.namespace();
      await world.allow({ adopt: { clients: [OWN] } });
      await world.client(ns, "thief", { clientId: OWN, adopt: true });
      const object = await eventually(
        () => world.cluster.get("M2MClient", ns, "thief"),
        (seen) => conditionOf(seen, "Stalled")?.status === "True",
        "the adoption refused",
        120_000,
      );
      expect(conditionOf(object, "Ready")?.message).toContain("belongs to the provider or to this operator");
      expect((await realm.client(OWN))?.["attributes"]).not.toHaveProperty("m2m_operator");
      await world.cluster.remove("M2MClient", ns, "thief");
      await world.gone("M2MClient", ns, "thief");
    },
    LONG,
  );

  it(
    "a token that is too old is told, and so is a file that is gone, and the next token is used without a restart",
    async () => {
      const issuedAt = await renew();
      await changeIssuer({ fedClientAssertionMaxExp: String(SHORT_SECONDS) });
      await eventually(
        () => Date.now() - issuedAt,
        (age) => age > (SHORT_SECONDS + 2) * 1000,
        "the token is too old for the realm",
        LONG,
      );
      await endSessions();
      await readNow("2");
      expect(await message("CredentialsInvalid")).toContain("Keycloak takes a token for one hour");
      rmSync(join(account.directory, "token-0"));
      await readNow("3");
      expect(await message("CredentialsMissing")).toContain("It has no token at all.");
      await changeIssuer({ fedClientAssertionMaxExp: "3600" });
      await renew();
      await readNow("4");
      await world.ready(KIND, "", world.provider);
    },
    LONG,
  );

  it(
    "Ready names a role that the operator does not need",
    async () => {
      await giveRole(realm, OWN, "manage-users");
      // Another connection, and another token.
      await world.configure({ rateLimit: { requestsPerMinute: 50_000 } });
      const seen = await eventually(
        async () => conditionOf(await world.cluster.get(KIND, "", world.provider), "Ready")?.message ?? "",
        (text) => text.includes("Take away"),
        "the role named",
        120_000,
      );
      expect(seen).toContain("The credential can do more than the operator needs. Take away: manage-users");
    },
    LONG,
  );

  it(
    "a provider object moves to a Secret and back, and our finalizer leaves the Secret",
    async () => {
      const metadata = { namespace: world.systemNamespace, name: "for-a-while" };
      const stringData = { client_id: realm.clientId, client_secret: realm.clientSecret };
      await world.cluster.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData });
      const finalizers = async () =>
        (await world.cluster.get("Secret", world.systemNamespace, "for-a-while"))?.metadata.finalizers ?? [];
      await world.configure({ credentialsSecretRef: { name: "for-a-while" } });
      await eventually(finalizers, ({ length }) => length === 1, "the Secret is held", 120_000);
      await world.configure({ credentialsSecretRef: null });
      await eventually(finalizers, ({ length }) => length === 0, "the Secret is released", 120_000);
      await world.ready(KIND, "", world.provider);
      await world.cluster.remove("Secret", world.systemNamespace, "for-a-while");
    },
    LONG,
  );

  it(
    "the plugin reads the realm with such a token, and tells how to get one",
    async () => {
      const tenant = [
        ...["--provider", world.provider, "--operator-namespace", world.systemNamespace],
        ...["--allowed-hosts", new URL(keycloak().url).host, "--allow-private-addresses"],
      ];
      const ns = await world.namespace();
      const without = await m2m(["export", "-n", ns, ...tenant], undefined, LONG);
      expect(without.code).not.toBe(0);
      expect(without.stderr).toContain("--service-account-token is not set.");
      expect(without.stderr).toContain(
        `kubectl create token m2m-operator --namespace ${world.systemNamespace} --audience ${audience}`,
      );
      const token = ["--service-account-token", join(account.directory, "token-0")];
      expect(await m2m(["export", "-n", ns, ...tenant, ...token], undefined, LONG)).toMatchObject({ code: 0 });
      const doctor = await m2m(["doctor", "--provider", world.provider], undefined, LONG);
      expect(doctor.stdout).toContain("The operator's credential also has: manage-users");
    },
    LONG,
  );

  it(
    "the provider of the example connects",
    async () => {
      const path = join(import.meta.dirname, "../../../deploy/examples/keycloak/no-secret/provider.yaml");
      const { spec } = parse(readFileSync(path, "utf8")) as { readonly spec: object };
      const { url, caPem } = keycloak();
      const name = `${world.provider}-example`;
      const here = { keycloak: { url, realm: realm.name }, caBundle: caPem };
      await world.cluster.apply(world.resource(KIND, "", name, { ...spec, ...here }));
      await world.ready(KIND, "", name);
      await world.cluster.remove(KIND, "", name);
      await world.gone(KIND, "", name);
    },
    LONG,
  );

  it(
    "no token is in the log, or in an object",
    async () => {
      expect(tokens.length).toBeGreaterThan(2);
      const events = await world.cluster.list("Event", "default");
      const shown = [
        world.logs.join("\n"),
        JSON.stringify([await world.cluster.get(KIND, "", world.provider), events]),
      ].join("\n");
      for (const token of tokens)
        for (const part of token.split(".").slice(1)) expect(shown.includes(part)).toBe(false);
    },
    LONG,
  );
});
