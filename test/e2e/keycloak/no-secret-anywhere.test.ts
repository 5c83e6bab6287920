import { afterAll, beforeAll, expect, it } from "vitest";
import { createRealm, type Realm } from "../../../keycloak/realm.ts";
import { admin, type AnyObject } from "../../integration/cluster.ts";
import { describeKeycloak, keycloak } from "../../integration/keycloak/server.ts";
import { createWorld, type World } from "../world.ts";
import { createFederatedClient, createOwnAccount, type OwnAccount } from "./own-account.ts";
import { ALIAS, createServiceAccount, projectedToken, requestByAssertion, trustsCluster } from "./service-account.ts";
import { verifyToken } from "./token.ts";

const LONG = 300_000;
const SCANNED = [
  ...["Secret", "ConfigMap", "Event", "ServiceAccount"],
  ...["ClusterIdentityProvider", "OAuthApi", "M2MClient", "ScopeGrant"],
];

interface Kept {
  readonly what: string;
  readonly text: string;
  readonly isOfOthers: boolean;
}

describeKeycloak(() => {
  const cluster = admin();
  let realm: Realm;
  let account: OwnAccount;
  let world: World;
  let ownToken: string;
  beforeAll(async () => {
    const { url, caPem } = keycloak();
    realm = await createRealm(keycloak(), { ...trustsCluster() });
    account = await createOwnAccount(cluster);
    await createFederatedClient(realm, "m2m-own", account.subject);
    ownToken = (await account.renewToken(`${url}/realms/${realm.name}`)).token;
    world = await createWorld({
      patienceMs: 120_000,
      flags: ["--provider-timeout-ms", "30000", "--service-account-tokens", account.directory],
      tenant: {
        ...{ host: new URL(url).host, credentials: undefined },
        spec: { keycloak: { url, realm: realm.name, kubernetesIdentityProvider: ALIAS }, caBundle: caPem },
      },
    });
    await world.ready("ClusterIdentityProvider", "", world.provider);
  }, LONG);
  afterAll(async () => {
    await world.end();
    await account.remove();
    await realm.remove();
    await cluster.close();
  }, LONG);

  /** Everything that the cluster keeps, as text, with the values of Secrets. */
  const kept = async (own: readonly string[]): Promise<readonly Kept[]> => {
    const objects = await Promise.all(SCANNED.map((kind) => world.cluster.list(kind, "")));
    return objects.flat().map((object) => {
      const { namespace = "", name } = object.metadata;
      // Other files have their tenants and credentials in namespaces of the same cluster.
      const isOfOthers = namespace.startsWith("test-") && !own.includes(namespace);
      return { what: `${namespace}/${name}`, text: `${JSON.stringify(object)} ${valuesIn(object)}`, isOfOthers };
    });
  };

  it(
    "neither the operator nor the workload has a secret, and the API accepts the workload's call",
    async () => {
      const ns = await world.namespace();
      await createServiceAccount(world.cluster, ns, "importer");
      await world.api(ns, "things", { scopes: [{ name: `${ns}:read` }] });
      const authentication = { method: "kubernetes", serviceAccount: { name: "importer" } };
      await world.client(ns, "job", { authentication });
      const refs = { clientRef: { name: "job" }, apiRef: { name: "things" } };
      await world.grant(ns, "job-things", { ...refs, scopes: [`${ns}:read`] });
      await world.ready("ScopeGrant", ns, "job-things");
      await world.ready("M2MClient", ns, "job");

      const secret = (await world.cluster.secret(ns, "job")) ?? {};
      const assertion = await projectedToken(world.cluster, ns, "importer", secret["client_assertion_audience"] ?? "");
      const answer = await requestByAssertion(secret, assertion);
      expect(answer.status).toBe(200);
      const { payload } = await verifyToken(secret, keycloak().caPem, answer.access_token);
      expect(payload).toMatchObject({ azp: secret["client_id"], scope: `${ns}:read` });

      const clients = await Promise.all(["m2m-own", secret["client_id"] ?? ""].map((id) => realm.client(id)));
      const secretsOfRealm = clients.map((client) => String(client?.["secret"]));
      const credentials = [ownToken, assertion, answer.access_token ?? "", ...secretsOfRealm];
      expect(credentials.every((credential) => credential.length > 20)).toBe(true);
      const texts = [
        ...(await kept([ns, world.systemNamespace])),
        ...world.logs.map((text, line) => ({ what: `line ${String(line)} of the log`, text, isOfOthers: false })),
        { what: "the environment", text: JSON.stringify(process.env), isOfOthers: false },
      ];
      const found = texts.filter(
        ({ text, isOfOthers }) =>
          credentials.some((credential) => text.includes(credential)) ||
          (!isOfOthers && /"(?:client_secret|private_key)"|eyJ[\w-]{20,}\.eyJ/.test(text)),
      );
      expect(found.map(({ what }) => what)).toEqual([]);
    },
    LONG,
  );
});

const valuesIn = ({ kind, data = {} }: AnyObject & { readonly data?: Readonly<Record<string, string>> }): string =>
  kind === "ConfigMap"
    ? ""
    : JSON.stringify(
        Object.fromEntries(
          Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
        ),
      );
