import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { AnyObject } from "../../integration/cluster.ts";
import { describeKeycloak, keycloak } from "../../integration/keycloak/server.ts";
import { createRealmWorld, type RealmWorld } from "./realm-world.ts";
import { requestToken, verifyToken } from "./token.ts";

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

  /** The example's resources in a namespace of the world, unchanged but for the provider. */
  const apply = async (path: string): Promise<{ ns: string; applied: readonly Manifest[] }> => {
    const ns = await world.namespace();
    const applied = manifestsIn(path).filter(({ kind }) => KINDS.includes(kind));
    for (const { kind, metadata, spec = {} } of applied) {
      const providerRef = { kind: "ClusterIdentityProvider", name: world.provider };
      const wanted = kind === "ScopeGrant" ? spec : { ...spec, providerRef };
      await world.cluster.apply(world.resource(kind, ns, metadata.name, wanted));
    }
    for (const { kind, metadata } of applied) await world.ready(kind, ns, metadata.name);
    return { ns, applied };
  };

  const remove = async ({ ns, applied }: Awaited<ReturnType<typeof apply>>): Promise<void> => {
    for (const { kind, metadata } of applied) await world.cluster.remove(kind, ns, metadata.name);
    for (const { kind, metadata } of applied) await world.gone(kind, ns, metadata.name);
    expect([await world.realm.clients(), await world.realm.scopes()]).toEqual([[], []]);
  };

  const tokenOf = async (ns: string, name: string, seconds: number) => {
    const { caPem } = keycloak();
    const secret = (await world.cluster.secret(ns, name)) ?? {};
    const answer = await requestToken(secret, caPem);
    expect(answer).toMatchObject({ status: 200, expires_in: seconds, scope: secret["scopes"] });
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
