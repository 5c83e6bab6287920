import { Agent, fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.end();
});

const grantsFor = (ns: string) =>
  [...world.sandbox.tenant.state.grants.values()].filter((grant) => grant.audience.includes(ns));

it("a namespace that the tenant's owner did not allow is refused", async () => {
  const ns = await world.cluster.createNamespace();
  await world.client(ns, "refused");
  const refused = await world.reason("M2MClient", ns, "refused", "NotAllowedOrMissing");
  expect(conditionOf(refused, "Ready")?.message).toContain(`does not allow namespace ${ns} to use it`);
  await world.cluster.remove("Namespace", "", ns);
});

it("consent that is taken back takes grants away and nothing else; given again, the same client id works", async () => {
  const ns = await world.namespace();
  await world.api(ns, "api");
  await world.client(ns, "client", { displayName: `client ${ns}` });
  await world.grant(ns, "grant", { clientRef: { name: "client" }, apiRef: { name: "api" }, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, "grant");
  const before = await world.cluster.secret(ns, "client");
  await world.cluster.patch("Namespace", "", ns, { metadata: { labels: { world: null } } });
  await eventually(
    () => grantsFor(ns),
    (grants) => grants.length === 0,
    "the grant taken away",
  );
  await world.reason("ScopeGrant", ns, "grant", "NotAllowedOrMissing");
  const state = world.sandbox.tenant.state;
  expect([...state.clients.values()].filter((client) => String(client["name"]).includes(ns))).toHaveLength(1);
  expect([...state.resourceServers.values()].filter((api) => api.identifier.includes(ns))).toHaveLength(1);
  expect(await world.cluster.get("Secret", ns, "client")).toBeDefined();
  await world.cluster.patch("Namespace", "", ns, { metadata: { labels: { world: world.provider } } });
  await world.ready("ScopeGrant", ns, "grant");
  await eventually(
    () => world.cluster.secret(ns, "client"),
    (secret) => JSON.stringify(secret) === JSON.stringify(before),
    "the same credential",
  );
});

it("an API of another namespace may be asked for only as far as its owner allows, and a refusal does not tell whether it exists", async () => {
  const owner = await world.namespace();
  const asker = await world.namespace();
  await world.api(owner, "api", { allowedGrants: [] });
  await world.client(asker, "client");
  const apiRef = { name: "api", namespace: owner };
  await world.grant(asker, "grant", { clientRef: { name: "client" }, apiRef, scopes: ["read:things", "write:things"] });
  await world.grant(asker, "void", {
    clientRef: { name: "client" },
    apiRef: { name: "none", namespace: owner },
    allScopes: true,
  });
  await world.ready("OAuthApi", owner, "api");
  const refused = await world.reason("ScopeGrant", asker, "grant", "NotAllowedOrMissing");
  const missing = await world.reason("ScopeGrant", asker, "void", "NotAllowedOrMissing");
  const text = (object: typeof refused, name: string) =>
    conditionOf(object, "Ready")?.message.replace(`/${name} `, "/NAME ");
  expect(text(refused, "api")).toBe(text(missing, "none"));
  await world.cluster.remove("ScopeGrant", asker, "void");
  await world.cluster.patch("OAuthApi", owner, "api", {
    spec: { allowedGrants: [{ namespaces: { from: "Names", names: [asker] }, scopes: ["read:things"] }] },
  });
  const grant = await world.reason("ScopeGrant", asker, "grant", "ScopesNotAllowed");
  expect(grant.status).toMatchObject({ grantedScopes: ["read:things"], refusedScopes: ["write:things"] });
  expect(conditionOf(grant, "Ready")?.message).toBe(
    `OAuthApi ${owner}/api does not allow namespace ${asker} to request "write:things". Ask its owner to extend spec.allowedGrants, or remove it here.`,
  );
  expect((await world.cluster.secret(asker, "client"))?.["scopes"]).toBe("read:things");
  await world.cluster.patch("OAuthApi", owner, "api", { spec: { allowedGrants: [] } });
  await eventually(
    () => grantsFor(owner),
    (grants) => grants.length === 0,
    "the grant taken away",
  );
});

it("an audience that the tenant's owner does not allow cannot be claimed", async () => {
  const ns = await world.namespace();
  await world.cluster.patch("ClusterIdentityProvider", "", world.provider, {
    spec: {
      allow: [
        {
          namespaces: { from: "Selector", selector: { matchLabels: { world: world.provider } } },
          audiences: ["https://*.example.com/*"],
        },
      ],
    },
  });
  await world.api(ns, "elsewhere", { audience: "https://elsewhere.test/api" });
  await world.reason("OAuthApi", ns, "elsewhere", "AudienceNotAllowed");
  expect(
    [...world.sandbox.tenant.state.resourceServers.values()].some((api) => api.identifier.includes("elsewhere")),
  ).toBe(false);
});

it("of two APIs with one audience the older keeps it; the other is told, and takes over when the first goes", async () => {
  const ns = await world.namespace();
  const audience = `https://${ns}.example.com/both`;
  await world.api(ns, "first", { audience });
  await world.ready("OAuthApi", ns, "first");
  await world.api(ns, "second", { audience });
  await world.reason("OAuthApi", ns, "second", "Conflict");
  await world.cluster.remove("OAuthApi", ns, "first");
  await world.ready("OAuthApi", ns, "second");
});

/** An API whose owner lets another namespace have `scopes` of it, and a grant there that is Ready. */
async function shared(scopes: readonly string[] = ["read:things", "write:things"], spec: object = {}) {
  const [owner, asker] = [await world.namespace(), await world.namespace()];
  const allow = (allowed: readonly string[] | undefined) =>
    world.cluster.patch("OAuthApi", owner, "api", {
      spec: {
        allowedGrants:
          allowed === undefined ? [] : [{ namespaces: { from: "Names", names: [asker] }, scopes: allowed }],
      },
    });
  await world.api(owner, "api");
  await allow(scopes);
  await world.client(asker, "job", spec);
  const apiRef = { name: "api", namespace: owner };
  const wanted = { clientRef: { name: "job" }, apiRef, scopes };
  await world.grant(asker, "job", wanted);
  await world.ready("ScopeGrant", asker, "job");
  const held = (): readonly (readonly string[])[] => grantsFor(owner).map(({ scope }) => [...(scope ?? [])].sort());
  const becomes = (...expected: readonly (readonly string[])[]) =>
    eventually(held, (seen) => JSON.stringify(seen) === JSON.stringify(expected), `grants ${JSON.stringify(expected)}`);
  return { owner, asker, allow, wanted, becomes };
}

const BOTH = ["read:things", "write:things"];

/** Whatever keeps the operator from giving more. */
const STATES: readonly (readonly [string, (ns: string, wanted: object) => Promise<unknown>])[] = [
  ["paused", (ns) => world.annotate("ScopeGrant", ns, "job", "paused", "true")],
  ["only observed", (ns) => world.annotate("ScopeGrant", ns, "job", "observe-only", "true")],
  [
    "stalled",
    async (ns, wanted) => {
      await world.grant(ns, "job", { ...wanted, tokenLifetime: "1h" });
      await world.reason("ScopeGrant", ns, "job", "UnsupportedByProvider");
    },
  ],
  [
    "waiting, since its client is gone and was retained",
    async (ns) => {
      await world.client(ns, "job", { deletionPolicy: "Retain" });
      await world.ready("M2MClient", ns, "job");
      await world.cluster.remove("M2MClient", ns, "job");
      await world.reason("ScopeGrant", ns, "job", "ClientNotReady");
    },
  ],
];

it.each(STATES)("a grant that is %s loses what its API's owner no longer allows", async (_state, enter) => {
  const { asker, allow, wanted, becomes } = await shared();
  await becomes(BOTH);
  await enter(asker, wanted);
  await allow(["read:things"]);
  await becomes(["read:things"]);
  await allow(undefined);
  await becomes();
});

it("a paused grant is taken away when the tenant's owner no longer allows the namespace, and says that it is paused", async () => {
  const { asker, becomes } = await shared();
  await world.annotate("ScopeGrant", asker, "job", "paused", "true");
  await world.cluster.patch("Namespace", "", asker, { metadata: { labels: { world: null } } });
  await becomes();
  const grant = await eventually(
    () => world.cluster.get("ScopeGrant", asker, "job"),
    (object) => object?.status?.["grantedScopes"] === undefined,
    "nothing granted in status",
  );
  expect(conditionOf(grant, "Ready")?.reason).toBe("Paused");
});

const withoutFinalizer = { metadata: { finalizers: [] } };

/** Deletes it with no pass of the operator in between. */
async function lose(kind: string, ns: string, name: string): Promise<void> {
  await world.stopOperator();
  await world.cluster.patch(kind, ns, name, withoutFinalizer);
  await world.cluster.remove(kind, ns, name);
  await world.startOperator();
}

it("a ScopeGrant that was deleted by force leaves no access", async () => {
  const { asker, becomes } = await shared();
  await world.annotate("M2MClient", asker, "job", "paused", "true");
  await world.annotate("ScopeGrant", asker, "job", "paused", "true");
  await lose("ScopeGrant", asker, "job");
  await becomes();
});

it("consent that is withdrawn finds grants whose ScopeGrant, or whose client's resource too, is gone", async () => {
  const { owner, asker, allow, becomes } = await shared();
  const [grant] = grantsFor(owner);
  await world.cluster.remove("ScopeGrant", asker, "job");
  // Its deletion reads the grant once more, and would delete it again.
  await world.gone("ScopeGrant", asker, "job");
  await becomes();
  // As if the operator had never known of it.
  const { grants } = world.sandbox.tenant.state;
  const put = (scope: readonly string[]) => grants.set(String(grant?.id), { ...grant, scope: [...scope] } as never);
  put(BOTH);
  await world.annotate("ClusterIdentityProvider", "", world.provider, "reconcile-requested-at", String(Date.now()));
  await allow(["read:things"]);
  await becomes(["read:things"]);
  await allow(undefined);
  await becomes();
  await allow(BOTH);
  put(BOTH);
  await lose("M2MClient", asker, "job");
  await becomes();
});

it("an API without scopes is granted by its audience alone, published and Ready; consent that shrinks to nothing takes a grant away", async () => {
  const ns = await world.namespace();
  await world.api(ns, "plain", { scopes: [] });
  await world.client(ns, "job");
  await world.grant(ns, "job", { clientRef: { name: "job" }, apiRef: { name: "plain" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "job");
  expect(grantsFor(ns)).toMatchObject([{ scope: [] }]);
  const secret = await world.cluster.secret(ns, "job");
  expect(secret).toMatchObject({ audience: `https://${ns}.example.com/plain`, scopes: "" });
  const client = await world.ready("M2MClient", ns, "job");
  expect(conditionOf(client, "Verified")?.status).toBe("True");

  const [owner, asker] = [await world.namespace(), await world.namespace()];
  await world.api(owner, "api", {
    allowedGrants: [{ namespaces: { from: "Names", names: [asker] }, scopes: ["read:things"] }],
  });
  await world.client(asker, "job");
  const apiRef = { name: "api", namespace: owner };
  await world.grant(asker, "job", { clientRef: { name: "job" }, apiRef, allScopes: true });
  await world.ready("ScopeGrant", asker, "job");
  await world.cluster.patch("OAuthApi", owner, "api", { spec: { scopes: [{ name: "write:things" }] } });
  await world.reason("ScopeGrant", asker, "job", "ScopesNotAllowed");
  expect(grantsFor(owner)).toEqual([]);
});

/** A status without what differs from object to object and from time to time. */
function comparable(status: object | undefined): string {
  return JSON.stringify(status, (key, value: unknown) =>
    ["proof", "lastTransitionTime", "lastCheckedAt"].includes(key) ? undefined : value,
  );
}

it("what is refused has the same status, byte for byte, whether what it names exists or not", async () => {
  const [owner, asker] = [await world.namespace(), await world.namespace()];
  const apiRef = { name: "api", namespace: owner };
  const adopted = "AdoptMeAdoptMeAdoptMeAdoptMe0123";
  const external = "https://external.example.com/";
  await world.client(asker, "job");
  await world.ready("M2MClient", asker, "job");
  const cases: readonly (readonly [string, object])[] = [
    ["ScopeGrant", { clientRef: { name: "job" }, apiRef, scopes: ["read:things", "none:such"] }],
    ["ScopeGrant", { clientRef: { name: "job" }, apiRef, allScopes: true }],
    ["ScopeGrant", { clientRef: { name: "absent" }, apiRef, scopes: ["read:things"] }],
    ["ScopeGrant", { clientRef: { name: "job" }, externalAudience: external, scopes: ["read:things", "none:such"] }],
    [
      "M2MClient",
      { providerRef: { kind: "ClusterIdentityProvider", name: world.provider }, clientId: adopted, adopt: true },
    ],
    [
      "M2MClient",
      {
        providerRef: { kind: "ClusterIdentityProvider", name: world.provider },
        secret: { template: { data: { x: "{{ apis.other.audience }}" }, apiRefs: [{ as: "other", ...apiRef }] } },
      },
    ],
  ];
  const round = async (): Promise<readonly string[]> => {
    const seen = await Promise.all(
      cases.map(async ([kind, spec], index) => {
        const name = `case-${String(index)}`;
        await world.cluster.apply(world.resource(kind, asker, name, spec));
        const halted = await eventually(
          () => world.cluster.get(kind, asker, name),
          (object) =>
            ["NotAllowedOrMissing", "NotOwned", "WaitingForTemplateValue"].includes(
              conditionOf(object, "Ready")?.reason ?? "",
            ),
          `${kind} ${name} refused`,
        );
        await world.cluster.remove(kind, asker, name);
        await world.gone(kind, asker, name);
        // A client that waits for its template is at the tenant, with an id of its own.
        return `${name} ${comparable(index === 5 ? { conditions: halted?.status?.conditions } : halted?.status)}`;
      }),
    );
    return seen;
  };
  const before = await round();
  await world.api(owner, "api", { allowedGrants: [] });
  await world.ready("OAuthApi", owner, "api");
  const { state } = world.sandbox.tenant;
  state.resourceServers.set("rs-external", {
    ...{ id: "rs-external", identifier: external, name: "External", scopes: [{ value: "read:things" }] },
  });
  state.clients.set(adopted, { client_id: adopted, name: "Somebody's", app_type: "non_interactive" } as never);
  await world.annotate("ClusterIdentityProvider", "", world.provider, "reconcile-requested-at", String(Date.now()));
  expect(await round()).toEqual(before);
});

it("a misspelt provider and one that refuses are told apart, since everybody may know which there are", async () => {
  const ns = await world.namespace();
  const closed = { kind: "ClusterIdentityProvider", name: `closed-${ns}` };
  await world.cluster.apply(
    world.resource("ClusterIdentityProvider", "", closed.name, {
      auth0: { domain: world.sandbox.auth0.domain },
      credentialsSecretRef: { name: world.provider },
      caBundle: world.sandbox.caPem,
    }),
  );
  await world.ready("ClusterIdentityProvider", "", closed.name);
  await world.client(ns, "refused", { providerRef: closed });
  await world.client(ns, "misspelt", { providerRef: { ...closed, name: `closd-${ns}` } });
  const messageOf = async (name: string) =>
    conditionOf(await world.reason("M2MClient", ns, name, "NotAllowedOrMissing"), "Ready")?.message;
  expect(await messageOf("refused")).toBe(
    `ClusterIdentityProvider ${closed.name} exists and does not allow namespace ${ns} to use it. Ask its owner to let a rule in spec.allow[].namespaces match this namespace, for example by a label.`,
  );
  expect(await messageOf("misspelt")).toBe(
    `ClusterIdentityProvider closd-${ns} does not exist (did you mean "${closed.name}"?). Create it, or create this resource again with the correct providerRef.`,
  );
  await Promise.all(["refused", "misspelt"].map((name) => world.cluster.remove("M2MClient", ns, name)));
  await Promise.all(["refused", "misspelt"].map((name) => world.gone("M2MClient", ns, name)));
  await world.cluster.remove("ClusterIdentityProvider", "", closed.name);
  await world.gone("ClusterIdentityProvider", "", closed.name);
});

it("a finalizer that a replace takes off is put back, on every kind and on the credentials", async () => {
  const { owner, asker } = await shared();
  const objects = [
    ["OAuthApi", owner, "api"],
    ["M2MClient", asker, "job"],
    ["ScopeGrant", asker, "job"],
    ["ClusterIdentityProvider", "", world.provider],
    ["Secret", world.systemNamespace, world.provider],
  ] as const;
  for (const [kind, ns, name] of objects) {
    const before = (await world.cluster.get(kind, ns, name))?.metadata.finalizers;
    expect(before).toHaveLength(1);
    await world.cluster.patch(kind, ns, name, withoutFinalizer);
    await eventually(
      () => world.cluster.get(kind, ns, name),
      (object) => JSON.stringify(object?.metadata.finalizers) === JSON.stringify(before),
      `the finalizer of ${kind} back`,
    );
  }
});

it("NotOwned ends when what stood in the way was deleted at the tenant", async () => {
  const ns = await world.namespace();
  const audience = `https://${ns}.example.com/taken`;
  const { state } = world.sandbox.tenant;
  state.resourceServers.set(`rs-${ns}`, { id: `rs-${ns}`, identifier: audience, name: "Taken", scopes: [] });
  const readAgain = () =>
    world.annotate("ClusterIdentityProvider", "", world.provider, "reconcile-requested-at", String(Date.now()));
  await readAgain();
  await world.api(ns, "taken");
  await world.reason("OAuthApi", ns, "taken", "NotOwned");
  state.resourceServers.delete(`rs-${ns}`);
  await readAgain();
  await world.ready("OAuthApi", ns, "taken");
});

it("nothing is granted on, or published from, an API that somebody else owns by now", async () => {
  const ns = await world.namespace();
  await world.api(ns, "api");
  await world.client(ns, "job");
  await world.grant(ns, "job", { clientRef: { name: "job" }, apiRef: { name: "api" }, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, "job");
  const { state } = world.sandbox.tenant;
  const [server] = [...state.resourceServers.values()].filter(({ identifier }) => identifier.includes(ns));
  state.resourceServers.delete(String(server?.id));
  for (const { id } of grantsFor(ns)) state.grants.delete(String(id));
  state.resourceServers.set(`rs-${ns}`, { ...server, id: `rs-${ns}` } as never);
  await world.annotate("ClusterIdentityProvider", "", world.provider, "reconcile-requested-at", String(Date.now()));
  await world.reason("OAuthApi", ns, "api", "NotOwned");
  await world.reason("ScopeGrant", ns, "job", "ApiNotReady");
  await eventually(
    () => world.cluster.secret(ns, "job"),
    (secret) => secret?.["audience"] === undefined,
    "the audience gone from the Secret",
  );
  expect(grantsFor(ns)).toEqual([]);
});

const [ACME, GLOBEX] = ["org_AAAAAAAAAAAAAAA1", "org_BBBBBBBBBBBBBBB2"];

/** A client of a namespace of its own with a grant on its own API, whose spec speaks of organizations. */
async function withOrganizations(organizations: object, client: object = {}) {
  for (const [id, name] of [
    [ACME, "acme"],
    [GLOBEX, "globex"],
  ] as const)
    world.sandbox.tenant.state.organizations.set(id, { id, name, display_name: name });
  const ns = await world.namespace();
  const wanted = { clientRef: { name: "job" }, apiRef: { name: "api" }, allScopes: true };
  const say = (said: object | undefined) =>
    world.grant(ns, "job", { ...wanted, ...(said === undefined ? {} : { organizations: said }) });
  await world.api(ns, "api");
  await world.client(ns, "job", client);
  await say(organizations);
  const remote = () => grantsFor(ns)[0];
  const links = () => [...(world.sandbox.tenant.state.grantOrganizations.get(String(remote()?.id)) ?? [])].sort();
  const becomes = (...ids: readonly string[]) =>
    eventually(links, (seen) => seen.join() === ids.join(), `organizations ${ids.join()}`);
  return { ns, say, remote, links, becomes };
}

/** The organization in a token that the workload of this namespace gets; `undefined` when it gets none. */
async function organizationOfToken(ns: string, organization?: string): Promise<unknown> {
  const secret = await world.cluster.secret(ns, "job");
  const { client_id = "", client_secret = "", audience = "" } = secret ?? {};
  const asked = { grant_type: "client_credentials", client_id, client_secret, audience };
  const answer = await fetch(`${world.sandbox.auth0.url}/oauth/token`, {
    method: "POST",
    dispatcher: new Agent({ connect: { ca: world.sandbox.caPem } }),
    body: new URLSearchParams({ ...asked, ...(organization === undefined ? {} : { organization }) }),
  });
  const { access_token: token } = (await answer.json()) as { readonly access_token?: string };
  const claims = Buffer.from(token?.split(".")[1] ?? "", "base64url").toString();
  return token === undefined ? undefined : (JSON.parse(claims) as { readonly org_id?: string }).org_id;
}

it("an organization that the tenant's owner does not allow is not linked and in no token, and its status does not tell that it exists", async () => {
  await world.allow({ organizations: ["acme"] });
  const refused = await withOrganizations({ usage: "Allow", names: ["acme", GLOBEX] });
  const missing = await withOrganizations({ usage: "Allow", names: ["acme", "org_CCCCCCCCCCCCCCC3"] });
  const statuses = await Promise.all(
    [refused.ns, missing.ns].map(async (ns) => {
      const { status } = await world.reason("ScopeGrant", ns, "job", "OrganizationNotFound");
      const { conditions, organizations, grantedScopes } = status ?? {};
      const text = comparable({ conditions, organizations, grantedScopes });
      return text.replaceAll(GLOBEX, "NAME").replaceAll("org_CCCCCCCCCCCCCCC3", "NAME").replaceAll(ns, "NAMESPACE");
    }),
  );
  expect(statuses[0]).toBe(statuses[1]);
  await refused.becomes(ACME);
  await world.reason("M2MClient", refused.ns, "job", "Ready");
  expect(await organizationOfToken(refused.ns, ACME)).toBe(ACME);
  expect(await organizationOfToken(refused.ns, GLOBEX)).toBeUndefined();
  expect((await world.cluster.secret(refused.ns, "job"))?.["grants"]).not.toContain(GLOBEX);
  await world.allow({ organizations: ["acme", GLOBEX] });
  await world.ready("ScopeGrant", refused.ns, "job");
  expect(refused.links()).toEqual([ACME, GLOBEX]);
  await world.allow({});
});

it("every organization needs a consent that names all of them", async () => {
  await world.allow({ organizations: ["acme"] });
  const { ns, remote, becomes } = await withOrganizations({ usage: "Require", any: true, names: ["acme"] });
  const grant = await world.reason("ScopeGrant", ns, "job", "OrganizationNotFound");
  expect(conditionOf(grant, "Ready")?.message).toMatch(/spec\.organizations\.any.*spec\.allow\[\]\.organizations/);
  await becomes(ACME);
  expect(remote()).toMatchObject({ organization_usage: "require", allow_any_organization: false });
  expect(await organizationOfToken(ns, GLOBEX)).toBeUndefined();
  await world.allow({ organizations: ["acme"] }, { organizations: ["*"] });
  await world.ready("ScopeGrant", ns, "job");
  expect(await organizationOfToken(ns, GLOBEX)).toBe(GLOBEX);
  await world.allow({});
});

/** Whatever keeps the operator from giving more, and what a team could write so that its grant speaks of them no longer. */
const SAYINGS: typeof STATES = [
  ["as it was", () => Promise.resolve()],
  ...STATES,
  [
    "silent about organizations by now",
    async (ns, { organizations: _said, ...wanted }: { readonly organizations?: object }) => {
      await world.grant(ns, "job", wanted);
      await world.ready("ScopeGrant", ns, "job");
    },
  ],
];

it.each(SAYINGS)("a grant that is %s loses the organizations that are no longer allowed", async (_state, enter) => {
  await world.allow({});
  const organizations = { usage: "Allow", any: true, names: ["acme", "globex"] };
  const { ns, remote, becomes } = await withOrganizations(organizations);
  await world.ready("ScopeGrant", ns, "job");
  await becomes(ACME, GLOBEX);
  await enter(ns, { clientRef: { name: "job" }, apiRef: { name: "api" }, allScopes: true, organizations });
  await world.allow({ organizations: ["globex"] });
  await becomes(GLOBEX);
  await eventually(remote, (grant) => grant?.["allow_any_organization"] === false, "not every organization");
  await world.allow({ organizations: [] });
  await becomes();
  await world.allow({});
});

it("a grant that no ScopeGrant accounts for loses the organizations that its client's namespace may not use", async () => {
  await world.allow({});
  const { ns, remote, becomes } = await withOrganizations({ usage: "Allow", any: true, names: ["acme", "globex"] });
  await world.ready("ScopeGrant", ns, "job");
  const grant = remote();
  await world.cluster.remove("ScopeGrant", ns, "job");
  await world.gone("ScopeGrant", ns, "job");
  // As if the operator had never known of it.
  const { grants, grantOrganizations } = world.sandbox.tenant.state;
  if (grant === undefined) throw new Error("nothing was granted");
  grants.set(grant.id, grant);
  grantOrganizations.set(grant.id, new Set([ACME, GLOBEX]));
  await world.annotate("ClusterIdentityProvider", "", world.provider, "reconcile-requested-at", String(Date.now()));
  await world.allow({ organizations: ["globex"] });
  await becomes(GLOBEX);
  expect(remote()).toMatchObject({ allow_any_organization: false });
  await world.allow({});
});

it("what an adopted client had before stays, and what a ScopeGrant got on it goes", async () => {
  const { state } = world.sandbox.tenant;
  const id = "HadOrganizationsBefore0123456789";
  const ns = await world.namespace();
  await world.allow({ adopt: { clients: [id] } });
  await world.api(ns, "api");
  await world.ready("OAuthApi", ns, "api");
  const was = { organization_id: GLOBEX, flows: ["client_credentials"] };
  state.clients.set(id, {
    ...{ client_id: id, client_secret: "obviously-fake", name: "Before", app_type: "non_interactive" },
    ...{ grant_types: ["client_credentials"], token_endpoint_auth_method: "client_secret_post" },
    default_organization: was,
  });
  const organizations = { organization_usage: "allow", allow_any_organization: true };
  const audience = `https://${ns}.example.com/api`;
  state.grants.set("before", {
    id: "before",
    client_id: id,
    audience,
    scope: ["read:things"],
    ...organizations,
  } as never);
  state.grantOrganizations.set("before", new Set([GLOBEX]));
  for (const [org, name] of [
    [ACME, "acme"],
    [GLOBEX, "globex"],
  ] as const)
    state.organizations.set(org, { id: org, name, display_name: name });
  await world.annotate("ClusterIdentityProvider", "", world.provider, "reconcile-requested-at", String(Date.now()));
  await world.client(ns, "job", { clientId: id, adopt: true });
  await eventually(
    () => world.cluster.get("M2MClient", ns, "job"),
    (client) => JSON.stringify(client?.status?.["unmanagedGrants"] ?? []).includes(audience),
    "the tenant read, with the grant",
  );
  const wanted = { clientRef: { name: "job" }, apiRef: { name: "api" }, allScopes: true };
  await world.grant(ns, "job", wanted);
  const scopes = () => state.grants.get("before")?.scope?.length;
  await eventually(scopes, (count) => count === 2, "adopted");
  await world.allow({ organizations: [], adopt: { clients: [id] } });
  await world.grant(ns, "job", { ...wanted, organizations: { usage: "Require" } });
  await eventually(
    () => state.grants.get("before")?.["organization_usage"],
    (usage) => usage === "require",
    "a pass with the new consent",
  );
  expect([...(state.grantOrganizations.get("before") ?? [])]).toEqual([GLOBEX]);
  expect(state.grants.get("before")).toMatchObject({ allow_any_organization: true });
  expect(state.clients.get(id)?.["default_organization"]).toEqual(was);
  await world.grant(ns, "job", { ...wanted, organizations: { usage: "Require", any: true } });
  await eventually(
    () => state.grants.get("before")?.["allow_any_organization"],
    (any) => any === false,
    "not every organization",
  );
  await world.allow({});
});

it("a default organization that is not allowed is refused in the words for one that does not exist, and consent that is withdrawn takes it off", async () => {
  await world.allow({ organizations: ["acme"] });
  const { ns } = await withOrganizations({ usage: "Require", names: ["acme"] }, { defaultOrganization: ACME });
  await world.ready("ScopeGrant", ns, "job");
  await world.ready("M2MClient", ns, "job");
  expect(await organizationOfToken(ns)).toBe(ACME);
  const messages = await Promise.all(
    ["globex", "nobody"].map(async (name) => {
      await world.client(ns, name, { defaultOrganization: name });
      const { status } = await world.reason("M2MClient", ns, name, "OrganizationNotFound");
      return comparable({ ...status, outputs: undefined }).replaceAll(name, "NAME");
    }),
  );
  expect(messages[0]).toBe(messages[1]);
  const clientId = (await world.cluster.get("M2MClient", ns, "job"))?.status?.["clientId"];
  await world.annotate("M2MClient", ns, "job", "paused", "true");
  await world.allow({ organizations: [] });
  await eventually(
    () => world.remoteClient(clientId),
    (client) => client !== undefined && client["default_organization"] == null,
    "no default organization",
  );
  await world.annotate("M2MClient", ns, "job", "paused", null);
  await world.reason("M2MClient", ns, "job", "OrganizationNotFound");
  await world.allow({ organizations: ["*"] });
  await world.ready("M2MClient", ns, "job");
  expect(await organizationOfToken(ns)).toBe(ACME);
  await world.allow({});
});
