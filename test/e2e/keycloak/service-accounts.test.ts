import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AnyObject, conditionOf, eventually } from "../../integration/cluster.ts";
import { describeKeycloak, keycloak } from "../../integration/keycloak/server.ts";
import { bindTokenRequests } from "../../integration/operator-access.ts";
import { createRealmWorld, type RealmWorld } from "./realm-world.ts";
import { ALIAS, createServiceAccount, projectedToken, requestByAssertion, trustsCluster } from "./service-account.ts";
import { requestToken, verifyToken } from "./token.ts";

const LONG = 300_000;
const EXAMPLE = join(import.meta.dirname, "../../../deploy/examples/keycloak/service-account");
const rotation = { announce: "2s", maxWait: "0s", waitForPods: "None" };
const by = (name: string) => ({ authentication: { method: "kubernetes", serviceAccount: { name } } });

describeKeycloak(() => {
  let world: RealmWorld;
  beforeAll(async () => {
    world = await createRealmWorld({
      settings: trustsCluster(),
      variant: { kubernetesIdentityProvider: ALIAS },
      flags: ["--token-requests", "true"],
    });
    await bindTokenRequests(world.cluster);
  }, LONG);
  afterAll(() => world.end(), LONG);

  /** Scope names are unique in a realm. */
  const apply = async (ns: string, spec: object): Promise<void> => {
    await world.api(ns, "things", { scopes: [{ name: `${ns}:read` }] });
    await world.client(ns, "job", spec);
    const refs = { clientRef: { name: "job" }, apiRef: { name: "things" } };
    await world.grant(ns, "job-things", { ...refs, scopes: [`${ns}:read`] });
  };
  const secretOf = async (ns: string): Promise<Readonly<Record<string, string>>> =>
    (await world.cluster.secret(ns, "job")) ?? {};
  const inRealm = async (ns: string) => (await world.realm.client((await secretOf(ns))["client_id"] ?? "")) ?? {};
  const attributesOf = async (ns: string) => ((await inRealm(ns))["attributes"] ?? {}) as Record<string, string>;
  /** As the workload does it: a token of its own for the audience in its Secret. */
  const tokenOf = async (ns: string, name: string) => {
    const secret = await secretOf(ns);
    const audience = secret["client_assertion_audience"] ?? "";
    return requestByAssertion(secret, await projectedToken(world.cluster, ns, name, audience));
  };
  const verified = (ns: string) =>
    eventually(
      () => world.cluster.get("M2MClient", ns, "job"),
      (object) => conditionOf(object, "Verified")?.status === "True",
      "Verified",
      LONG / 2,
    );
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
  const clientNames = async () => (await world.realm.clients()).map(({ clientId }) => clientId);
  const writes = async (): Promise<number> =>
    ((await world.realm.admin("GET", "/admin-events?max=1000")) as object[]).length;

  it("a workload gets a token with its service account, and no credential exists anywhere", async () => {
    const ns = await world.namespace();
    await createServiceAccount(world.cluster, ns, "importer");
    await apply(ns, {
      ...by("importer"),
      secret: { template: { data: { "file.txt": "{{ client_assertion_file }}" } } },
    });
    await world.ready("ScopeGrant", ns, "job-things");
    await world.ready("M2MClient", ns, "job");
    const client = await verified(ns);
    expect(client?.status).toMatchObject({ authenticationMethod: "kubernetes" });

    const secret = await secretOf(ns);
    const { url, caPem } = keycloak();
    expect(secret).toMatchObject({
      token_endpoint_auth_method: "kubernetes",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion_audience: `${url}/realms/${world.realm.name}`,
      client_assertion_file: "/var/run/secrets/m2m-operator.io/serviceaccount/token",
      "file.txt": "/var/run/secrets/m2m-operator.io/serviceaccount/token",
    });
    const answer = await tokenOf(ns, "importer");
    expect(answer.status).toBe(200);
    const { payload } = await verifyToken(secret, caPem, answer.access_token);
    expect(payload).toMatchObject({ azp: secret["client_id"], aud: secret["audience"], scope: `${ns}:read` });

    // The realm keeps a secret of its own, which nobody has and the server refuses.
    const kept = String((await inRealm(ns))["secret"]);
    expect((await requestToken({ ...secret, client_secret: kept }, caPem)).status).toBe(401);
    const everything = await Promise.all(
      ["Secret", "ConfigMap", "M2MClient", "Event"].map((kind) => world.cluster.list(kind, ns)),
    );
    const texts = everything.flat().map((object) => JSON.stringify({ object, data: decoded(object) }));
    for (const text of [...texts, ...world.logs]) {
      expect(text).not.toContain(kept);
      expect(text).not.toMatch(/client_secret"|private_key"|eyJ[\w-]{20,}\.eyJ/);
    }
  });

  it("a restart writes nothing", async () => {
    const ns = await world.namespace();
    await createServiceAccount(world.cluster, ns, "importer");
    await apply(ns, by("importer"));
    await verified(ns);
    await world.ready("M2MClient", ns, "job");
    const before = await writes();
    const versionOf = async () => (await world.cluster.get("Secret", ns, "job.m2m-state"))?.metadata.resourceVersion;
    const version = await versionOf();
    await world.stopOperator();
    await world.startOperator();
    await world.annotate("M2MClient", ns, "job", "reconcile-requested-at", "after");
    await eventually(
      () => world.cluster.get("M2MClient", ns, "job"),
      (object) => object?.status?.["lastHandledReconcileAt"] === "after",
      "the request handled",
      LONG / 2,
    );
    expect(await writes()).toBe(before);
    expect(await versionOf()).toBe(version);
  });

  it("waits for a service account that does not exist, and creates nothing until it does", async () => {
    const ns = await world.namespace();
    const before = await clientNames();
    await world.client(ns, "job", by("late"));
    await world.reason("M2MClient", ns, "job", "ServiceAccountNotFound");
    expect(await clientNames()).toEqual(before);
    await apply(ns, by("late"));
    await createServiceAccount(world.cluster, ns, "late");
    await verified(ns);
    expect((await tokenOf(ns, "late")).status).toBe(200);
  });

  it("changes from a secret to a service account and back, and never has both", async () => {
    const ns = await world.namespace();
    const { caPem } = keycloak();
    await createServiceAccount(world.cluster, ns, "importer");
    await apply(ns, { rotation });
    await verified(ns);
    const before = await secretOf(ns);
    expect((await requestToken(before, caPem)).status).toBe(200);

    await world.client(ns, "job", { rotation, ...by("importer") });
    const inForce = (method: string) =>
      eventually(
        () => secretOf(ns),
        (secret) =>
          secret["token_endpoint_auth_method"] === method &&
          Object.keys(secret).every((name) => !/^(next|previous)_/.test(name)),
        `${method} in force`,
        LONG / 2,
      );
    await inForce("kubernetes");
    await world.ready("M2MClient", ns, "job");
    const changed = await secretOf(ns);
    expect(changed).toMatchObject({ client_id: before["client_id"] });
    expect(changed).not.toHaveProperty("client_secret");
    expect((await requestToken(before, caPem)).status).toBe(401);
    expect((await tokenOf(ns, "importer")).status).toBe(200);

    await world.client(ns, "job", { rotation, authentication: { method: "client_secret_basic" } });
    await inForce("client_secret_basic");
    const after = await secretOf(ns);
    expect(after["client_secret"]).not.toBe(before["client_secret"]);
    expect((await requestToken(after, caPem)).status).toBe(200);
    const { "jwt.credential.sub": subject, "jwt.credential.issuer": issuer } = await attributesOf(ns);
    expect({ subject, issuer }).toEqual({ subject: undefined, issuer: undefined });
    const late = await projectedToken(world.cluster, ns, "importer", String(changed["client_assertion_audience"]));
    expect((await requestByAssertion(changed, late)).status).not.toBe(200);
  });

  it("changes from a key to a service account, from that to another, and back to a key", async () => {
    const ns = await world.namespace();
    for (const name of ["one", "two"]) await createServiceAccount(world.cluster, ns, name);
    await apply(ns, { rotation, authentication: { method: "private_key_jwt" } });
    await verified(ns);
    for (const name of ["one", "two"]) {
      await world.client(ns, "job", { rotation, ...by(name) });
      await eventually(
        () => attributesOf(ns),
        (attributes) => attributes["jwt.credential.sub"] === `system:serviceaccount:${ns}:${name}`,
        `the subject ${name}`,
        LONG / 2,
      );
      await world.ready("M2MClient", ns, "job");
      expect((await tokenOf(ns, name)).status).toBe(200);
    }
    const audience = (await secretOf(ns))["client_assertion_audience"] ?? "";
    const old = await projectedToken(world.cluster, ns, "one", audience);
    expect((await requestByAssertion(await secretOf(ns), old)).status).toBe(401);
    await world.client(ns, "job", { rotation, authentication: { method: "private_key_jwt" } });
    await eventually(
      () => secretOf(ns),
      (secret) => "private_key" in secret && !("previous_client_assertion_file" in secret),
      "the key in force",
      LONG / 2,
    );
    expect((await attributesOf(ns))["jwt.credential.sub"]).toBeUndefined();
  });

  it("restores issuer, subject and method that somebody changed in the realm", async () => {
    const ns = await world.namespace();
    await createServiceAccount(world.cluster, ns, "importer");
    await apply(ns, by("importer"));
    await verified(ns);
    const path = `/clients/${String((await inRealm(ns))["id"])}`;
    for (const change of [
      { attributes: { "jwt.credential.issuer": "elsewhere" } },
      { attributes: { "jwt.credential.sub": "system:serviceaccount:other:thief" } },
      { clientAuthenticatorType: "client-secret", secret: "not-a-real-secret" },
    ]) {
      await world.realm.admin("PUT", path, change);
      await readRealm();
      await eventually(
        () => inRealm(ns),
        (client) => client["clientAuthenticatorType"] === "federated-jwt",
        "the method restored",
        LONG / 2,
      );
      await eventually(
        () => tokenOf(ns, "importer"),
        ({ status }) => status === 200,
        "a token",
        LONG / 2,
      );
    }
  });

  it("says that two clients have one service account, names the other, and writes nothing for the second", async () => {
    const ns = await world.namespace();
    await createServiceAccount(world.cluster, ns, "shared");
    await apply(ns, by("shared"));
    await verified(ns);
    const { client_id: first = "" } = await secretOf(ns);
    const before = (await world.realm.clients()).length;
    await world.client(ns, "second", by("shared"));
    const refused = await world.reason("M2MClient", ns, "second", "Conflict");
    expect(conditionOf(refused, "Ready")?.message).toContain(first);
    expect((await world.realm.clients()).length).toBe(before);
    expect(await world.cluster.get("Secret", ns, "second.m2m-state")).toBeUndefined();
    expect((await tokenOf(ns, "shared")).status).toBe(200);
    // It gets the service account once the first has gone.
    await world.cluster.remove("M2MClient", ns, "job");
    await world.gone("M2MClient", ns, "job");
    await world.ready("M2MClient", ns, "second");
  });

  it("says that somebody gave the same service account to a client by hand", async () => {
    const ns = await world.namespace();
    await createServiceAccount(world.cluster, ns, "importer");
    await apply(ns, by("importer"));
    await verified(ns);
    const subject = `system:serviceaccount:${ns}:importer`;
    const attributes = { "jwt.credential.issuer": ALIAS, "jwt.credential.sub": subject };
    await world.realm.admin("POST", "/clients", {
      ...{ clientId: `by-hand-${ns}`, serviceAccountsEnabled: true, publicClient: false },
      ...{ clientAuthenticatorType: "federated-jwt", attributes },
    });
    await readRealm();
    const refused = await world.reason("M2MClient", ns, "job", "Conflict");
    expect(conditionOf(refused, "Ready")?.message).toContain(`by-hand-${ns}`);
    const other = (await world.realm.client(`by-hand-${ns}`)) ?? {};
    await world.realm.admin("DELETE", `/clients/${String(other["id"])}`);
    await readRealm();
    await world.ready("M2MClient", ns, "job");
  });

  it("adopts a client that authenticates with the service account", async () => {
    const ns = await world.namespace();
    await createServiceAccount(world.cluster, ns, "importer");
    const clientId = `adopted-${ns}`;
    await world.realm.admin("POST", "/clients", {
      ...{ clientId, serviceAccountsEnabled: true, publicClient: false, fullScopeAllowed: false },
      ...{ standardFlowEnabled: false, clientAuthenticatorType: "federated-jwt", defaultClientScopes: ["basic"] },
      attributes: {
        "jwt.credential.issuer": ALIAS,
        "jwt.credential.sub": `system:serviceaccount:${ns}:importer`,
      },
    });
    await world.allow({ adopt: { clients: [clientId] } });
    await readRealm();
    await apply(ns, { clientId, adopt: true });
    const unnamed = await world.reason("M2MClient", ns, "job", "InvalidRequest");
    expect(conditionOf(unnamed, "Ready")?.message).toContain("spec.authentication.serviceAccount");
    await world.client(ns, "job", { clientId, adopt: true, ...by("importer") });
    await world.ready("M2MClient", ns, "job");
    await verified(ns);
    expect((await tokenOf(ns, "importer")).status).toBe(200);
  });

  it("the example is Ready, and its Pod's token gets one of the realm", async () => {
    const ns = await world.namespace();
    const documents = ["reports.yaml", "workload.yaml"].flatMap((file) =>
      parseAllDocuments(readFileSync(join(EXAMPLE, file), "utf8")).map((document) => document.toJS() as AnyObject),
    );
    const providerRef = { kind: "ClusterIdentityProvider", name: world.provider };
    for (const { kind, metadata, spec = {}, ...rest } of documents) {
      const isOurs = kind === "OAuthApi" || kind === "M2MClient";
      const wanted = kind === "ServiceAccount" ? {} : { spec: isOurs ? { ...spec, providerRef } : spec };
      await world.cluster.apply({ ...rest, kind, metadata: { ...metadata, namespace: ns }, ...wanted });
    }
    await world.ready("ScopeGrant", ns, "report-reader");
    await world.ready("M2MClient", ns, "report-reader");
    const secret = (await world.cluster.secret(ns, "report-reader-oauth")) ?? {};
    const pod = documents.find(({ kind }) => kind === "Pod")?.spec as unknown as ExamplePod;
    expect(assertionFileOf(pod)).toBe(secret["client_assertion_file"]);
    const audience = secret["client_assertion_audience"] ?? "";
    const token = await projectedToken(world.cluster, ns, pod.serviceAccountName, audience);
    expect(await requestByAssertion(secret, token)).toMatchObject({ status: 200, scope: "reports:read" });
  });

  it("deletes the client with its resource", async () => {
    const ns = await world.namespace();
    await createServiceAccount(world.cluster, ns, "importer");
    await apply(ns, by("importer"));
    await verified(ns);
    const { client_id: clientId = "" } = await secretOf(ns);
    for (const [kind, name] of [
      ["ScopeGrant", "job-things"],
      ["M2MClient", "job"],
    ] as const) {
      await world.cluster.remove(kind, ns, name);
      await world.gone(kind, ns, name);
    }
    expect(await world.realm.client(clientId)).toBeUndefined();
    expect(await world.cluster.get("Secret", ns, "job.m2m-state")).toBeUndefined();
  });

  it("without the provider object's field, the method is refused by its name", async () => {
    const ns = await world.namespace();
    await createServiceAccount(world.cluster, ns, "importer");
    await world.configure({ keycloak: { kubernetesIdentityProvider: null } });
    await world.client(ns, "job", by("importer"));
    const refused = await world.reason("M2MClient", ns, "job", "UnsupportedByProvider");
    expect(conditionOf(refused, "Ready")?.message).toContain("spec.keycloak.kubernetesIdentityProvider");
    await world.configure({ keycloak: { kubernetesIdentityProvider: ALIAS } });
    await world.ready("M2MClient", ns, "job");
  });
});

interface ExamplePod {
  readonly serviceAccountName: string;
  readonly containers: readonly { readonly volumeMounts: readonly { name: string; mountPath: string }[] }[];
  readonly volumes: readonly {
    readonly projected?: { readonly sources: readonly { serviceAccountToken: { path: string } }[] };
  }[];
}

/** Where its first container finds the token. */
function assertionFileOf({ containers, volumes }: ExamplePod): string {
  const [assertion] = volumes.flatMap(({ projected }) => projected?.sources ?? []);
  const mount = containers[0]?.volumeMounts.find(({ name }) => name === "assertion");
  return `${mount?.mountPath ?? ""}/${assertion?.serviceAccountToken.path ?? ""}`;
}

const decoded = ({ data = {} }: AnyObject): readonly string[] =>
  Object.values(data).map((value) => Buffer.from(value, "base64").toString());
