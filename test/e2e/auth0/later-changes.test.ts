import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";

/** Fields that decide what is published, who may ask and how the tenant is treated: set, and changed later. */
let world: World;
let ns: string;
beforeAll(async () => {
  world = await createWorld();
  ns = await world.namespace();
});
afterAll(async () => {
  await world.end();
});

let counter = 0;
const freshName = (): string => `later-${String(counter++)}`;

async function slice(name: string, client: object = {}, api: object = {}, grant: object = {}): Promise<void> {
  await world.api(ns, name, api);
  await world.client(ns, name, client);
  await world.grant(ns, name, { clientRef: { name }, apiRef: { name }, scopes: ["read:things"], ...grant });
  for (const kind of ["OAuthApi", "M2MClient", "ScopeGrant"]) await world.ready(kind, ns, name);
}

const keysOf = async (name: string): Promise<readonly string[]> =>
  Object.keys((await world.cluster.secret(ns, name)) ?? {}).sort();

const gone = (kind: string, name: string) =>
  eventually(
    () => world.cluster.get(kind, ns, name),
    (object) => object === undefined,
    `${kind} ${name} gone`,
  );

const clientIdOf = async (name: string, where = ns): Promise<string> =>
  String((await world.cluster.get("M2MClient", where, name))?.status?.["clientId"]);

describe("the client's Secret", () => {
  it("another name brings another Secret, of another type and style, with the same credential", async () => {
    const name = freshName();
    await slice(name, { secret: { name: `${name}-a`, keyStyle: "Kebab", keyPrefix: "app." } });
    const before = (await world.cluster.secret(ns, `${name}-a`)) ?? {};
    expect(await keysOf(`${name}-a`)).toContain("app.client-secret");
    await world.client(ns, name, { secret: { name: `${name}-b`, type: "servicebinding.io/oauth2" } });
    const client = await eventually(
      () => world.cluster.get("M2MClient", ns, name),
      (object) => (object?.status?.["binding"] as { name?: string } | undefined)?.name === `${name}-b`,
      "the new Secret named in status",
    );
    expect(conditionOf(client, "Ready")?.status).toBe("True");
    expect((await world.cluster.get("Secret", ns, `${name}-b`))?.type).toBe("servicebinding.io/oauth2");
    const after = (await world.cluster.secret(ns, `${name}-b`)) ?? {};
    expect(after).toMatchObject({ type: "oauth2", provider: "auth0" });
    expect(after["client_secret"] === before["app.client-secret"]).toBe(true);
    await gone("Secret", `${name}-a`);
  });

  it("labels, annotations and templates follow the spec", async () => {
    const name = freshName();
    const template = (value: string): object => ({
      secret: {
        template: { labels: { team: value }, annotations: { note: value }, data: { [`${value}.txt`]: "{{ domain }}" } },
      },
    });
    await slice(name, template("one"));
    await world.client(ns, name, template("two"));
    const secret = await eventually(
      () => world.cluster.get("Secret", ns, name),
      (object) => object?.metadata.labels?.["team"] === "two",
      "the new label",
    );
    expect(secret?.metadata.annotations).toMatchObject({ note: "two" });
    expect(await keysOf(name)).toContain("two.txt");
    expect(await keysOf(name)).not.toContain("one.txt");
  });

  it("another primary grant fills the flat keys", async () => {
    const name = freshName();
    await slice(name, { secret: { primaryGrant: name } });
    await world.api(ns, `${name}-other`);
    await world.grant(ns, `${name}-other`, { clientRef: { name }, apiRef: { name: `${name}-other` }, allScopes: true });
    await world.ready("ScopeGrant", ns, `${name}-other`);
    await world.client(ns, name, { secret: { primaryGrant: `${name}-other` } });
    await eventually(
      () => world.cluster.secret(ns, name),
      (data) => data?.["audience"] === `https://${ns}.example.com/${name}-other`,
      "the other audience",
    );
  });

  it("values of another namespace's API are there while its owner allows it", async () => {
    const [name, owner] = [freshName(), await world.namespace()];
    await world.api(owner, name, { allowedGrants: [{ namespaces: { from: "Names", names: [ns] } }] });
    const data = { audience: "{{ apis.other.audience }}" };
    const template = { data, apiRefs: [{ as: "other", name, namespace: owner }] };
    await world.client(ns, name, { secret: { keyStyle: "None", template } });
    await world.ready("M2MClient", ns, name);
    expect(await world.cluster.secret(ns, name)).toEqual({ audience: `https://${owner}.example.com/${name}` });
    await world.api(owner, name, { allowedGrants: [] });
    await world.reason("M2MClient", ns, name, "WaitingForTemplateValue");
  });

  it("another algorithm brings another key pair, and the former key is gone at the tenant", async () => {
    const name = freshName();
    const keys = (algorithm: string): object => ({
      authentication: { method: "private_key_jwt", privateKeyJwt: { algorithm } },
      rotation: { overlap: "0s", waitForPods: "None" },
    });
    await slice(name, keys("RS256"));
    const before = (await world.cluster.secret(ns, name)) ?? {};
    await world.client(ns, name, keys("PS256"));
    const after = await eventually(
      () => world.cluster.secret(ns, name),
      (data) => data?.["signing_algorithm"] === "PS256",
      "the new key published",
      60_000,
    );
    expect(after?.["client_id"]).toBe(before["client_id"]);
    expect(after?.["key_id"]).not.toBe(before["key_id"]);
    await eventually(
      () => world.sandbox.tenant.state.credentials.get(before["client_id"] ?? "") ?? [],
      (list) => list.length === 1 && list[0]?.alg === "PS256" && list[0].kid === after?.["key_id"],
      "one key at the tenant",
    );
    await world.ready("M2MClient", ns, name);
  }, 90_000);
});

describe("other outputs", () => {
  it("ConfigMap and signing Secret follow their names", async () => {
    const name = freshName();
    const named = (suffix: string): object => ({
      tokens: { signingAlgorithm: "HS256" },
      configMap: { name: `${name}-${suffix}` },
      signingSecret: { name: `${name}-${suffix}` },
    });
    await world.api(ns, name, named("a"));
    await world.ready("OAuthApi", ns, name);
    await world.api(ns, name, named("b"));
    for (const kind of ["ConfigMap", "Secret"]) {
      await eventually(
        () => world.cluster.get(kind, ns, `${name}-b`),
        (object) => object !== undefined,
        `the new ${kind}`,
      );
      await gone(kind, `${name}-a`);
    }
    await world.ready("OAuthApi", ns, name);
  });

  it("a ConfigMap that was edited by hand is put right", async () => {
    const name = freshName();
    await world.api(ns, name, { configMap: { name } });
    await world.ready("OAuthApi", ns, name);
    await world.cluster.patch("ConfigMap", ns, name, { data: { issuer: "https://elsewhere.example.com/", own: "1" } });
    const domain = world.sandbox.auth0.domain;
    await eventually(
      async () => (await world.cluster.get("ConfigMap", ns, name))?.data,
      (data) => data?.["issuer"]?.includes(domain) === true && data["own"] === undefined,
      "the ConfigMap as it was",
    );
  });

  it("the Secret for one API alone follows its name, and goes when the spec names none", async () => {
    const name = freshName();
    const refs = { clientRef: { name }, apiRef: { name }, scopes: ["read:things"] };
    await slice(name, {}, {}, { secret: { name: `${name}-a` } });
    await world.grant(ns, name, { ...refs, secret: { name: `${name}-b` } });
    await eventually(
      () => keysOf(`${name}-b`),
      (keys) => keys.includes("client_secret"),
      "the Secret under its new name",
    );
    await gone("Secret", `${name}-a`);
    await world.grant(ns, name, refs);
    await gone("Secret", `${name}-b`);
    await world.ready("ScopeGrant", ns, name);
  });

  it("the description of an API stays in the resource", async () => {
    const name = freshName();
    await world.api(ns, name, { description: "One" });
    await world.ready("OAuthApi", ns, name);
    const before = structuredClone(world.remoteApi(`https://${ns}.example.com/${name}`));
    world.sandbox.calls.clear();
    await world.api(ns, name, { description: "Two" });
    await world.ready("OAuthApi", ns, name);
    expect(world.sandbox.calls.since(0)).toEqual([]);
    expect(world.remoteApi(`https://${ns}.example.com/${name}`)).toEqual(before);
  });
});

describe("deletionPolicy", () => {
  it("what it says at the end counts", async () => {
    const [kept, removed] = [freshName(), freshName()];
    for (const name of [kept, removed]) {
      const deletionPolicy = name === kept ? "Delete" : "Retain";
      await slice(name, { deletionPolicy }, { deletionPolicy });
    }
    const ids = { kept: await clientIdOf(kept), removed: await clientIdOf(removed) };
    for (const [name, deletionPolicy] of [
      [kept, "Retain"],
      [removed, "Delete"],
    ] as const) {
      await world.api(ns, name, { deletionPolicy });
      await world.client(ns, name, { deletionPolicy });
      for (const kind of ["ScopeGrant", "M2MClient", "OAuthApi"]) {
        await world.cluster.remove(kind, ns, name);
        await world.gone(kind, ns, name);
      }
    }
    expect(world.remoteClient(ids.kept)).toBeDefined();
    expect(world.remoteApi(`https://${ns}.example.com/${kept}`)).toBeDefined();
    expect(world.remoteClient(ids.removed)).toBeUndefined();
    expect(world.remoteApi(`https://${ns}.example.com/${removed}`)).toBeUndefined();
  });
});

describe("consent", () => {
  it.each<readonly [what: string, wide: object, narrow: object]>([
    ["All, then a selector", { from: "All" }, { from: "Selector", selector: { matchLabels: { team: "other" } } }],
    [
      "expressions that match, then one that does not",
      {
        from: "Selector",
        selector: {
          matchExpressions: [
            { key: "world", operator: "Exists" },
            { key: "team", operator: "NotIn", values: ["other"] },
          ],
        },
      },
      { from: "Selector", selector: { matchExpressions: [{ key: "world", operator: "DoesNotExist" }] } },
    ],
  ])("of an API's owner: %s", async (_what, wide, narrow) => {
    const [name, owner] = [freshName(), await world.namespace()];
    await world.api(owner, name, { allowedGrants: [{ namespaces: wide, scopes: ["read:things"] }] });
    await world.client(ns, name);
    await world.grant(ns, name, { clientRef: { name }, apiRef: { name, namespace: owner }, allScopes: true });
    await world.ready("ScopeGrant", ns, name);
    const clientId = await clientIdOf(name);
    expect(world.remoteGrants(clientId)).toMatchObject([{ scope: ["read:things"] }]);
    await world.api(owner, name, { allowedGrants: [{ namespaces: narrow }] });
    await world.reason("ScopeGrant", ns, name, "NotAllowedOrMissing");
    expect(world.remoteGrants(clientId)).toEqual([]);
  });

  it("of the tenant's owner: for all namespaces, then by an expression, then for scopes of the tenant's own API", async () => {
    const name = freshName();
    const other = await world.cluster.createNamespace();
    await world.client(other, name);
    await world.reason("M2MClient", other, name, "NotAllowedOrMissing");
    await world.configure({ allow: [{ namespaces: { from: "All" } }] });
    await world.ready("M2MClient", other, name);
    const audience = `https://${world.sandbox.auth0.domain}/api/v2/`;
    const expression = { key: "kubernetes.io/metadata.name", operator: "In", values: [ns, other] };
    const namespaces = { from: "Selector", selector: { matchExpressions: [expression] } };
    const external = (...scopes: string[]) =>
      world.configure({ allow: [{ namespaces, externalAudiences: [{ audience, scopes }] }] });
    await external("read:clients", "read:client_grants");
    await world.grant(other, name, { clientRef: { name }, externalAudience: audience, scopes: ["read:clients"] });
    await world.ready("ScopeGrant", other, name);
    const clientId = await clientIdOf(name, other);
    await world.grant(other, name, {
      ...{ clientRef: { name }, externalAudience: audience, scopes: ["read:clients", "read:client_grants"] },
    });
    await eventually(
      () => world.remoteGrants(clientId)[0]?.["scope"] as readonly string[],
      (scope) => scope.length === 2,
      "both scopes granted",
    );
    await external("read:clients");
    await world.reason("ScopeGrant", other, name, "NotAllowedOrMissing");
    expect(world.remoteGrants(clientId)).toEqual([]);
    await world.allow({});
    await world.cluster.remove("Namespace", "", other);
    await world.gone("Namespace", "", other);
    expect(world.remoteClient(clientId)).toBeUndefined();
  });
});
