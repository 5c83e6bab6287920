import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { type AnyObject, eventually } from "../../integration/cluster.ts";
import { expiresIn } from "../../integration/keycloak/expires-in.ts";
import { describeKeycloak, keycloak } from "../../integration/keycloak/server.ts";
import { createByHand } from "./by-hand.ts";
import { createRealmWorld, type RealmWorld } from "./realm-world.ts";
import { metadataAt, requestToken, requestTokenByKey, verifyToken } from "./token.ts";

const LONG = 300_000;
const EXAMPLES = join(import.meta.dirname, "../../../deploy/examples");
const KINDS = ["OAuthApi", "M2MClient", "ScopeGrant"];

interface Manifest extends AnyObject {
  readonly spec?: Readonly<Record<string, unknown>>;
}

const manifestsIn = (path: string): readonly Manifest[] =>
  parseAllDocuments(readFileSync(join(EXAMPLES, path), "utf8")).map((document) => document.toJS() as Manifest);

describeKeycloak(() => {
  let world: RealmWorld;
  beforeAll(async () => {
    world = await createRealmWorld();
  }, LONG);
  afterAll(() => world.end(), LONG);

  /** The example's resources in a namespace of the world, unchanged but for the provider and what `change` says. */
  const apply = async (
    path: string,
    change: (manifest: Manifest) => object = () => ({}),
  ): Promise<{ ns: string; applied: readonly Manifest[] }> => {
    const ns = await world.namespace();
    const applied = manifestsIn(path).filter(({ kind }) => KINDS.includes(kind));
    for (const manifest of applied) {
      const { kind, metadata, spec = {} } = manifest;
      const providerRef = { kind: "ClusterIdentityProvider", name: world.provider };
      const wanted = kind === "ScopeGrant" ? spec : { ...spec, providerRef, ...change(manifest) };
      await world.cluster.apply(world.resource(kind, ns, metadata.name, wanted));
    }
    for (const { kind, metadata } of applied) await world.ready(kind, ns, metadata.name);
    return { ns, applied };
  };

  const removed = async ({ ns, applied }: Awaited<ReturnType<typeof apply>>): Promise<void> => {
    for (const { kind, metadata } of applied) await world.cluster.remove(kind, ns, metadata.name);
    for (const { kind, metadata } of applied) await world.gone(kind, ns, metadata.name);
  };

  const remove = async (one: Awaited<ReturnType<typeof apply>>): Promise<void> => {
    await removed(one);
    expect([await world.realm.clients(), await world.realm.scopes()]).toEqual([[], []]);
  };

  const tokenOf = async (ns: string, name: string, seconds: number) => {
    const { caPem } = keycloak();
    const secret = (await world.cluster.secret(ns, name)) ?? {};
    const answer = await requestToken(secret, caPem);
    expect(answer).toMatchObject({ status: 200, expires_in: expiresIn(seconds), scope: secret["scopes"] });
    const { payload, protectedHeader } = await verifyToken(secret, caPem, answer.access_token);
    expect(payload).toMatchObject({ azp: secret["client_id"], aud: secret["audience"] });
    return protectedHeader;
  };

  it(
    "the example of every provider is Ready on a realm, and its Secret gets a token",
    async () => {
      const one = await apply("timesheets.yaml");
      expect(await tokenOf(one.ns, "timesheet-importer-oauth", 3600)).toMatchObject({ alg: "RS256" });
      await remove(one);
    },
    LONG,
  );

  it(
    "one client has two APIs with the smallest of their lifetimes, and no trace is left",
    async () => {
      const one = await apply("keycloak/timesheets/timesheets.yaml");
      const shape = { alg: "ES256", typ: "at+jwt" };
      expect(await tokenOf(one.ns, "timesheet-batch-oauth", 1800)).toMatchObject(shape);
      expect(await tokenOf(one.ns, "timesheet-batch-payslips", 1800)).toMatchObject(shape);
      await remove(one);
    },
    LONG,
  );

  it(
    "a product with four settings gets them under its own names",
    async () => {
      const one = await apply("keycloak/key-manager/key-manager.yaml");
      const {
        clientId,
        clientSecret,
        wellKnownUrl = "",
        scopes,
        ...others
      } = (await world.cluster.secret(one.ns, "key-manager-oauth")) ?? {};
      expect([scopes, others]).toEqual(["scan:read scan:write", {}]);
      const { token_endpoint } = await metadataAt(wellKnownUrl, keycloak().caPem);
      const settings = { client_id: clientId ?? "", client_secret: clientSecret ?? "", token_endpoint };
      const { caPem } = keycloak();
      const answer = await requestToken(settings, caPem, scopes);
      // Keycloak names them in an order of its own.
      expect([answer.status, answer.scope?.split(" ").sort()]).toEqual([200, ["scan:read", "scan:write"]]);
      expect(await requestToken(settings, caPem, undefined)).toMatchObject({ status: 200, scope: "" });
      await remove(one);
    },
    LONG,
  );

  it(
    "a key pair of the operator's and one of the user's get tokens",
    async () => {
      const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const pem = own.publicKey.export({ type: "spki", format: "pem" }) as string;
      const one = await apply("keycloak/keys/keys.yaml", ({ spec }) =>
        JSON.stringify(spec).includes("publicKeys")
          ? { authentication: { method: "private_key_jwt", privateKeyJwt: { publicKeys: [{ pem }] } } }
          : {},
      );
      const auditor = (await world.cluster.secret(one.ns, "auditor-oauth")) ?? {};
      const archive = (await world.cluster.secret(one.ns, "archive-oauth")) ?? {};
      expect(auditor).toMatchObject({ token_endpoint_auth_method: "private_key_jwt", signing_algorithm: "EdDSA" });
      expect(Object.keys(archive)).not.toContain("private_key");
      const { caPem } = keycloak();
      const granted = { status: 200, scope: "ledger:read" };
      expect(await requestTokenByKey(auditor, caPem)).toMatchObject(granted);
      const private_key = own.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
      expect(await requestTokenByKey({ ...archive, private_key }, caPem)).toMatchObject(granted);
      await remove(one);
    },
    LONG,
  );

  it(
    "a secret rotates on request, and the next one is announced first",
    async () => {
      const short = { rotation: { announce: "3s" } };
      const one = await apply("keycloak/rotation/rotation.yaml", ({ kind }) => (kind === "M2MClient" ? short : {}));
      const secret = () => world.cluster.secret(one.ns, "courier-oauth");
      const { client_secret: before } = (await secret()) ?? {};
      await world.annotate("M2MClient", one.ns, "courier", "rotate-requested-at", new Date().toISOString());
      const announced = await eventually(
        secret,
        (seen) => seen?.["next_client_secret"] !== undefined,
        "the next secret announced",
        LONG / 2,
      );
      expect(announced?.["client_secret"]).toBe(before);
      await eventually(
        secret,
        (seen) => seen?.["client_secret"] === announced?.["next_client_secret"],
        "the next secret in force",
        LONG / 2,
      );
      await tokenOf(one.ns, "courier-oauth", 300);
      await remove(one);
    },
    LONG,
  );

  it(
    "what was made by hand is adopted as it is, and stays when the resources go",
    async () => {
      const [audience, clientId] = ["https://legacy.example.com/invoices", "invoice-export"];
      await createByHand(
        world.realm,
        { audience, name: "Invoices", scope: "invoices:read" },
        { clientId, name: "Invoice export", secret: "not-a-real-secret" },
      );
      await world.allow({ adopt: { audiences: [audience], clients: [clientId], shareCredential: true } });
      const one = await apply("keycloak/adoption/adoption.yaml");
      const secret = await world.cluster.secret(one.ns, "invoice-export-oauth");
      expect(secret).toMatchObject({ client_id: clientId, client_secret: "not-a-real-secret" });
      await tokenOf(one.ns, "invoice-export-oauth", 300);
      await removed(one);
      expect(await world.realm.client(audience)).toMatchObject({ name: "Invoices" });
      expect(await world.realm.client(clientId)).toMatchObject({ optionalClientScopes: ["invoices:read"] });
    },
    LONG,
  );

  it(
    "the provider of the example connects",
    async () => {
      const [{ spec } = {}] = manifestsIn("keycloak/provider/provider.yaml");
      const { url, caPem } = keycloak();
      const name = `${world.provider}-example`;
      const here = { keycloak: { url, realm: world.realm.name }, caBundle: caPem };
      await world.cluster.apply(
        world.resource("ClusterIdentityProvider", "", name, {
          ...{ ...spec, ...here, credentialsSecretRef: { name: world.provider } },
        }),
      );
      await world.ready("ClusterIdentityProvider", "", name);
      await world.cluster.remove("ClusterIdentityProvider", "", name);
      await world.gone("ClusterIdentityProvider", "", name);
    },
    LONG,
  );
});
