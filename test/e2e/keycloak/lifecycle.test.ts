import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { describeKeycloak, keycloak } from "../../integration/keycloak/server.ts";
import { passingKeys, type Subject, subjectIn } from "../rotation/rotations.ts";
import { startWorkload } from "../rotation/workload.ts";
import { createRealmWorld, type RealmWorld } from "./realm-world.ts";
import { requestToken } from "./token.ts";

const LONG = 300_000;
const rotation = { announce: "4s", overlap: "6s", maxWait: "0s", waitForPods: "None" };

describeKeycloak(() => {
  let world: RealmWorld;
  beforeAll(async () => {
    world = await createRealmWorld();
  }, LONG);
  afterAll(() => world.end(), LONG);

  const readRealm = async (): Promise<void> => {
    const request = new Date().toISOString();
    await world.annotate("ClusterIdentityProvider", "", world.provider, "reconcile-requested-at", request);
    await eventually(
      () => world.cluster.get("ClusterIdentityProvider", "", world.provider),
      (object) => object?.status?.["lastHandledReconcileAt"] === request,
      "the realm read",
      LONG / 2,
    );
  };

  /** Scope names are unique in a realm, so those of each namespace begin with its name. */
  const apply = async (ns: string, spec: object): Promise<void> => {
    await world.api(ns, "things", { scopes: [{ name: `${ns}:read`, description: "Read" }, { name: `${ns}:write` }] });
    await world.client(ns, "job", spec);
    const refs = { clientRef: { name: "job" }, apiRef: { name: "things" } };
    await world.grant(ns, "job-things", { ...refs, scopes: [`${ns}:read`] });
  };
  const createSubject = async (spec: object): Promise<Subject> => {
    const ns = await world.namespace();
    await apply(ns, spec);
    await world.ready("ScopeGrant", ns, "job-things");
    await world.ready("M2MClient", ns, "job");
    return subjectIn(world, ns);
  };

  it.each([
    ["a secret, beside which next_ and previous_ are tried", {}],
    ["a key", { authentication: { method: "private_key_jwt" } }],
  ])("rotates %s while a workload requests tokens, and no request fails", async (_what, spec) => {
    const subject = await createSubject({ rotation, ...spec });
    const { caPem } = keycloak();
    const read = () => subject.secret();
    const workload = startWorkload({ read, caPem, filesBehindMs: 1000, fallsBack: true, everyMs: 300 });
    const from = await subject.current();
    await subject.rotate();
    await subject.rotated(from);
    const { requests, failed, firstFailure } = await workload.stop();
    expect({ failed, firstFailure }).toEqual({ failed: 0, firstFailure: undefined });
    expect(requests).toBeGreaterThan(3);
    expect(passingKeys(await subject.secret())).toEqual([]);
  });

  it("changes the algorithm of a key with another key pair while a workload requests tokens, and no request fails", async () => {
    const spec = (algorithm: string) => ({
      rotation,
      authentication: { method: "private_key_jwt", privateKeyJwt: { algorithm } },
    });
    const subject = await createSubject(spec("EdDSA"));
    const from = await subject.current();
    const { caPem } = keycloak();
    const read = () => subject.secret();
    const workload = startWorkload({ read, caPem, filesBehindMs: 1000, fallsBack: false, everyMs: 300 });
    await world.client(subject.namespace, "job", spec("ES512"));
    await subject.rotated(from);
    const { requests, failed, firstFailure } = await workload.stop();
    expect({ failed, firstFailure }).toEqual({ failed: 0, firstFailure: undefined });
    expect(requests).toBeGreaterThan(3);
    const secret = await subject.secret();
    expect(secret).toMatchObject({ signing_algorithm: "ES512" });
    const { attributes } = (await world.realm.client(secret["client_id"] ?? "")) ?? {};
    const { keys } = JSON.parse((attributes as Record<string, string>)["jwks.string"] ?? "") as { keys: unknown };
    expect(keys).toMatchObject([{ kid: secret["key_id"], kty: "EC", crv: "P-521", alg: "ES512" }]);
    await eventually(
      subject.client,
      (client) => conditionOf(client, "Verified")?.status === "True",
      "a token by the new key",
      LONG / 2,
    );
  });

  it("restores what somebody changed in the realm", async () => {
    const { namespace: ns } = await createSubject({ rotation, displayName: "Job" });
    const audience = `https://${ns}.example.com/things`;
    const secret = (await world.cluster.secret(ns, "job")) ?? {};
    const client = (await world.realm.client(secret["client_id"] ?? "")) ?? {};
    const path = `/clients/${String(client["id"])}`;
    const scope = (await world.realm.scopes()).find(({ name }) => name === `${ns}:read`) ?? {};
    await world.realm.admin("PUT", path, { name: "Other", enabled: false, standardFlowEnabled: true });
    await world.realm.admin("DELETE", `/client-scopes/${String(scope["id"])}`);
    await world.realm.admin("PUT", `/clients/${String((await world.realm.client(audience))?.["id"])}`, {
      name: "Theirs",
    });
    await readRealm();
    await eventually(
      () => world.realm.client(secret["client_id"] ?? ""),
      (seen) =>
        seen?.["name"] === "Job" &&
        seen["enabled"] === true &&
        seen["standardFlowEnabled"] === false &&
        (seen["optionalClientScopes"] as string[]).includes(`${ns}:read`),
      "the client restored",
      LONG / 2,
    );
    await eventually(
      () => world.realm.client(audience),
      (seen) => seen?.["name"] === "things",
      "the API restored",
      LONG / 2,
    );
    expect(await requestToken(secret, keycloak().caPem)).toMatchObject({ status: 200 });
  });

  it("adopts an API and a client that are in the realm, and keeps both when their resources are deleted", async () => {
    const ns = await world.namespace();
    const [audience, clientId] = [`https://${ns}.example.com/theirs`, `theirs-${ns}`];
    await world.realm.admin("POST", "/clients", { clientId: audience, bearerOnly: true, name: "Theirs" });
    await world.realm.admin("POST", "/clients", {
      ...{ clientId, serviceAccountsEnabled: true, standardFlowEnabled: false, secret: "not-a-real-secret-of-theirs" },
      // With the realm's default scopes, its tokens would have the audience "account" as well.
      ...{ fullScopeAllowed: false, defaultClientScopes: ["basic"] },
    });
    await world.allow({ adopt: { audiences: [audience], clients: [clientId], shareCredential: true } });
    await world.api(ns, "theirs", { audience, adopt: true, scopes: [{ name: `${ns}:read` }] });
    await world.client(ns, "theirs", { clientId, adopt: true });
    await world.grant(ns, "theirs", {
      clientRef: { name: "theirs" },
      apiRef: { name: "theirs" },
      scopes: [`${ns}:read`],
    });
    await world.ready("ScopeGrant", ns, "theirs");
    await world.ready("M2MClient", ns, "theirs");
    const secret = (await world.cluster.secret(ns, "theirs")) ?? {};
    expect(secret).toMatchObject({ client_id: clientId, client_secret: "not-a-real-secret-of-theirs", audience });
    expect(await requestToken(secret, keycloak().caPem)).toMatchObject({ status: 200 });
    for (const kind of ["ScopeGrant", "M2MClient", "OAuthApi"]) await world.cluster.remove(kind, ns, "theirs");
    for (const kind of ["ScopeGrant", "M2MClient", "OAuthApi"]) await world.gone(kind, ns, "theirs");
    expect(await world.realm.client(audience)).toMatchObject({ name: "Theirs" });
    const left = (await world.realm.client(clientId)) ?? {};
    expect(left).toMatchObject({ secret: "not-a-real-secret-of-theirs", optionalClientScopes: [] });
    expect(Object.keys(left["attributes"] as object).filter((name) => name.startsWith("m2m"))).toEqual([]);
  });

  it("reports a scope name that another API of the realm has", async () => {
    const ns = await world.namespace();
    const scopes = [{ name: `${ns}:read` }];
    await world.api(ns, "first", { scopes });
    await world.ready("OAuthApi", ns, "first");
    await world.api(ns, "second", { scopes });
    const refused = await world.reason("OAuthApi", ns, "second", "Conflict");
    expect(conditionOf(refused, "Ready")?.message).toContain(`https://${ns}.example.com/first`);
  });

  it("takes over with --recover what an earlier cluster's resources created, and without it nothing", async () => {
    const { namespace: ns } = await createSubject({ rotation });
    const before = await world.cluster.secret(ns, "job");
    await world.stopOperator();
    const names = { ScopeGrant: "job-things", M2MClient: "job", OAuthApi: "things" };
    for (const [kind, name] of Object.entries(names)) {
      await world.cluster.patch(kind, ns, name, { metadata: { finalizers: null } });
      await world.cluster.remove(kind, ns, name);
      await world.gone(kind, ns, name);
    }
    for (const { metadata } of await world.cluster.list("Secret", ns))
      await world.cluster.remove("Secret", ns, metadata.name);
    await world.startOperator();
    await apply(ns, { rotation });
    await world.reason("OAuthApi", ns, "things", "NotOwned");
    await world.stopOperator();
    await world.startOperator("--recover", "true");
    await world.ready("ScopeGrant", ns, "job-things");
    await world.ready("M2MClient", ns, "job");
    const after = await world.cluster.secret(ns, "job");
    expect(after?.["client_id"]).toBe(before?.["client_id"]);
    expect(await requestToken(after ?? {}, keycloak().caPem)).toMatchObject({ status: 200 });
  });
});
