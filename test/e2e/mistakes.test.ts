import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { columnsOf } from "./columns.ts";
import { createWorld, type World } from "./world.ts";

/*
 * What people see of the mistakes that they make most: columns of `kubectl get`, condition, event. The table is printed, so
 * that somebody can read it aloud: each row names the thing that is wrong and what to do.
 */

let world: World;
let team: string;
let other: string;
beforeAll(async () => {
  world = await createWorld({ provider: { allow: [] } });
  [team, other] = [await world.namespace(), await world.namespace()];
  const names = (...all: readonly string[]) => ({ namespaces: { from: "Names", names: all } });
  await world.configure({
    allow: [{ ...names(team), audiences: [`https://${team}.example.com/*`] }, names(other)],
  });
  await good();
}, 120_000);
afterAll(() => world.end());

/** What is right, and what the mistakes run into. */
async function good(): Promise<void> {
  await world.api(team, "api", { scopes: [{ name: "batch:upload" }, { name: "read:all" }] });
  await world.client(team, "job");
  await world.grant(team, "good", { ...sides(), scopes: ["read:all"] });
  await world.api(other, "shared", {
    scopes: [{ name: "read:timesheets" }, { name: "write:timesheets" }],
    allowedGrants: [{ namespaces: { from: "Names", names: [team] }, scopes: ["read:timesheets"] }],
  });
  await world.api(other, "closed");
  await world.cluster.apply({
    ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "strangers", namespace: team } },
    stringData: { key: "value" },
  });
  for (const [kind, name] of [
    ["ScopeGrant", "good"],
    ["M2MClient", "job"],
  ] as const)
    await world.ready(kind, team, name);
  await world.ready("OAuthApi", other, "shared");
}

const sides = (api: object = { name: "api" }) => ({ clientRef: { name: "job" }, apiRef: api });

interface Mistake {
  readonly what: string;
  readonly kind: string;
  readonly name: string;
  /** Default: the team's. */
  readonly namespace?: () => string;
  readonly make: () => Promise<unknown>;
  readonly reason: string;
  /** With TEAM, OTHER and PROVIDER for the names of this run. */
  readonly message: string;
}

const closedProvider = () => `closed-${team}`;

const badProvider = (name: string, data: object | undefined, spec: object = {}): (() => Promise<unknown>) => {
  return async () => {
    if (data !== undefined)
      await world.cluster.apply({
        ...{ apiVersion: "v1", kind: "Secret", metadata: { name: `${name}-cred`, namespace: team } },
        stringData: data,
      });
    return world.cluster.apply(
      world.resource("IdentityProvider", team, name, {
        auth0: { domain: world.sandbox.auth0.domain },
        credentialsSecretRef: { name: `${name}-cred` },
        caBundle: world.sandbox.caPem,
        ...spec,
      }),
    );
  };
};

const MISTAKES: readonly Mistake[] = [
  {
    ...{ what: "one of two scopes misspelt", kind: "ScopeGrant", name: "one-typo", reason: "UnknownScopes" },
    make: () => world.grant(team, "one-typo", { ...sides(), scopes: ["batch:uplaod", "read:all"] }),
    message:
      'OAuthApi TEAM/api does not define "batch:uplaod" (did you mean "batch:upload"?). Add it to spec.scopes there, or remove it here.',
  },
  {
    ...{ what: "all scopes misspelt", kind: "ScopeGrant", name: "all-typos", reason: "UnknownScopes" },
    make: async () => {
      await world.client(team, "lonely");
      await world.grant(team, "all-typos", {
        ...{ clientRef: { name: "lonely" }, apiRef: { name: "api" } },
        scopes: ["batch:uplaod"],
      });
    },
    message:
      'OAuthApi TEAM/api does not define "batch:uplaod" (did you mean "batch:upload"?). Add it to spec.scopes there, or remove it here.',
  },
  {
    ...{ what: "namespace not allowed", kind: "M2MClient", name: "not-allowed", reason: "NotAllowedOrMissing" },
    make: async () => {
      await world.cluster.apply(
        world.resource("ClusterIdentityProvider", "", closedProvider(), {
          auth0: { domain: world.sandbox.auth0.domain },
          credentialsSecretRef: { name: world.provider },
          caBundle: world.sandbox.caPem,
        }),
      );
      await world.client(team, "not-allowed", {
        providerRef: { kind: "ClusterIdentityProvider", name: closedProvider() },
      });
    },
    message:
      "ClusterIdentityProvider closed-TEAM exists and does not allow namespace TEAM to use it. Ask its owner to let a rule in spec.allow[].namespaces match this namespace, for example by a label.",
  },
  {
    ...{ what: "provider misspelt", kind: "M2MClient", name: "typo-provider", reason: "NotAllowedOrMissing" },
    make: () =>
      world.client(team, "typo-provider", {
        providerRef: { kind: "ClusterIdentityProvider", name: `${world.provider}x` },
      }),
    message:
      'ClusterIdentityProvider PROVIDERx does not exist (did you mean "PROVIDER"?). Create it, or create this resource again with the correct providerRef.',
  },
  {
    ...{ what: "audience not allowed", kind: "OAuthApi", name: "audience", reason: "AudienceNotAllowed" },
    make: () => world.api(team, "audience", { audience: "https://elsewhere.example.com/" }),
    message:
      "ClusterIdentityProvider PROVIDER does not allow namespace TEAM to claim the audience https://elsewhere.example.com/. Ask its owner to extend spec.allow[].audiences, or create this resource again with another audience.",
  },
  {
    ...{ what: "clientRef misspelt", kind: "ScopeGrant", name: "typo-client", reason: "ClientNotReady" },
    make: () => world.grant(team, "typo-client", { ...sides(), clientRef: { name: "jbo" }, scopes: ["read:all"] }),
    message:
      "M2MClient TEAM/jbo does not exist. Create it, or create this ScopeGrant again with the correct clientRef.",
  },
  {
    ...{ what: "apiRef misspelt", kind: "ScopeGrant", name: "typo-api", reason: "ApiNotReady" },
    make: () => world.grant(team, "typo-api", { ...sides({ name: "apii" }), scopes: ["read:all"] }),
    message: "OAuthApi TEAM/apii does not exist. Create it, or create this ScopeGrant again with the correct apiRef.",
  },
  {
    ...{ what: "scope not allowed by the API", kind: "ScopeGrant", name: "refused-scope", reason: "ScopesNotAllowed" },
    make: () =>
      world.grant(team, "refused-scope", {
        ...sides({ name: "shared", namespace: other }),
        scopes: ["write:timesheets"],
      }),
    message:
      'OAuthApi OTHER/shared does not allow namespace TEAM to request "write:timesheets". Ask its owner to extend spec.allowedGrants, or remove it here.',
  },
  {
    ...{ what: "API of others, not allowed", kind: "ScopeGrant", name: "closed-api", reason: "NotAllowedOrMissing" },
    make: () =>
      world.grant(team, "closed-api", { ...sides({ name: "closed", namespace: other }), scopes: ["read:things"] }),
    message:
      "OAuthApi OTHER/closed does not exist, or does not allow namespace TEAM. Ask its owner to add this namespace to spec.allowedGrants, or create this ScopeGrant again with the correct apiRef.",
  },
  {
    ...{ what: "API of others, missing", kind: "ScopeGrant", name: "missing-api", reason: "NotAllowedOrMissing" },
    make: () =>
      world.grant(team, "missing-api", { ...sides({ name: "nothing", namespace: other }), scopes: ["read:things"] }),
    message:
      "OAuthApi OTHER/nothing does not exist, or does not allow namespace TEAM. Ask its owner to add this namespace to spec.allowedGrants, or create this ScopeGrant again with the correct apiRef.",
  },
  {
    ...{ what: "Secret name taken by a stranger", kind: "M2MClient", name: "taken", reason: "SecretNotOwned" },
    make: () => world.client(team, "taken", { secret: { name: "strangers" } }),
    message:
      "Secret TEAM/strangers exists, and the operator did not create it. Set another spec.secret.name. Delete the Secret only if nobody uses it.",
  },
  {
    ...{ what: "Secret name of another M2MClient", kind: "M2MClient", name: "also", reason: "SecretNotOwned" },
    make: () => world.client(team, "also", { secret: { name: "job" } }),
    message: "Secret TEAM/job belongs to M2MClient TEAM/job. Set another spec.secret.name.",
  },
  {
    ...{ what: "audience claimed elsewhere", kind: "OAuthApi", name: "rival", reason: "Conflict" },
    namespace: () => other,
    make: () => world.api(other, "rival", { audience: `https://${team}.example.com/api` }),
    message:
      "The audience https://TEAM.example.com/api is already claimed by an OAuthApi of another namespace. Delete one of the two, or create this OAuthApi again with another audience.",
  },
  {
    ...{ what: "wrong credential", kind: "IdentityProvider", name: "wrong", reason: "CredentialsInvalid" },
    make: badProvider("wrong", { client_id: "abc", client_secret: "not-a-real-secret" }),
    message:
      "Auth0 refused the operator's credential (401: Unauthorized). Correct it in Secret TEAM/wrong-cred (client_id and client_secret, or private_key with key_id and algorithm).",
  },
  {
    ...{ what: "wrong keys in the Secret", kind: "IdentityProvider", name: "keys", reason: "CredentialsInvalid" },
    make: badProvider("keys", { clientId: "abc", clientSecret: "not-a-real-secret" }),
    message:
      "Secret TEAM/keys-cred: it needs client_id and client_secret (or private_key) of a machine-to-machine application that is authorized for the Auth0 Management API. It has: clientId, clientSecret.",
  },
  {
    ...{ what: "Secret missing", kind: "IdentityProvider", name: "no-secret", reason: "CredentialsMissing" },
    make: badProvider("no-secret", undefined),
    message: "Secret TEAM/no-secret-cred does not exist. Create it with the operator's credential at the tenant.",
  },
  {
    ...{ what: "wrong domain", kind: "IdentityProvider", name: "domain", reason: "ProviderUnavailable" },
    make: badProvider(
      "domain",
      { client_id: "abc", client_secret: "not-a-real-secret" },
      { auth0: { domain: "no-such-tenant.eu.auth0.com" } },
    ),
    message:
      "Auth0 could not be reached: the host no-such-tenant.eu.auth0.com was not found (CODE): check DNS, or create the provider object again with the correct host. The operator tries again. If it lasts, check the status of the tenant, the proxy (--https-proxy) and the network policy.",
  },
  {
    ...{ what: "host not allowed", kind: "IdentityProvider", name: "host", reason: "InvalidRequest" },
    make: badProvider(
      "host",
      { client_id: "abc", client_secret: "not-a-real-secret" },
      { auth0: { domain: "acme.example.com" } },
    ),
    message:
      "The host acme.example.com is not allowed: add it to the operator's --allowed-hosts, or create the provider object again with the correct host.",
  },
  {
    ...{ what: "template name misspelt", kind: "M2MClient", name: "typo-template", reason: "TemplateInvalid" },
    make: () => world.client(team, "typo-template", { secret: { template: { data: { x: "{{ clientid }}" } } } }),
    message: 'spec.secret.template.data["x"]: templates have no value clientid (did you mean client_id?).',
  },
  {
    ...{ what: "template tag", kind: "M2MClient", name: "tag", reason: "TemplateInvalid" },
    make: () => world.client(team, "tag", { secret: { template: { data: { x: "{% for a in b %}{% endfor %}" } } } }),
    message: 'spec.secret.template.data["x"], line 1: there is no tag "for". Use if, unless, case, comment, raw or #.',
  },
  {
    ...{ what: "template needs a grant", kind: "M2MClient", name: "waits", reason: "WaitingForTemplateValue" },
    make: () => world.client(team, "waits", { secret: { template: { data: { x: "{{ grants.nothing.audience }}" } } } }),
    message:
      "spec.secret.template needs grants.nothing, which has no value. Apply the ScopeGrant or OAuthApi that gives it one, or remove it from the template.",
  },
  {
    ...{ what: "field of another vendor", kind: "OAuthApi", name: "vendor", reason: "UnsupportedByProvider" },
    make: () => world.api(team, "vendor", { okta: {} }),
    message: "Auth0 (ClusterIdentityProvider PROVIDER) does not support spec.okta. Remove it.",
  },
  {
    ...{ what: "nothing to adopt", kind: "OAuthApi", name: "adopt", reason: "NotOwned" },
    make: () => world.api(team, "adopt", { adopt: true }),
    message:
      "The tenant has no API with audience https://TEAM.example.com/adopt to adopt. Create this resource again with the correct audience, or remove spec.adopt to create the API.",
  },
  {
    ...{ what: "organization of a client", kind: "M2MClient", name: "no-org", reason: "OrganizationNotFound" },
    make: () => world.client(team, "no-org", { defaultOrganization: "nobody" }),
    message:
      'The tenant has no organization "nobody", or ClusterIdentityProvider PROVIDER does not allow namespace TEAM to use it. Correct spec.defaultOrganization, create the organization at the tenant, or ask the owner of ClusterIdentityProvider PROVIDER to extend spec.allow[].organizations.',
  },
  {
    ...{ what: "primaryApi without a grant", kind: "M2MClient", name: "primary", reason: "GrantNotReady" },
    make: () => world.client(team, "primary", { secret: { primaryApi: { name: "nothing" } } }),
    message:
      "spec.secret.primaryApi names OAuthApi TEAM/nothing, for which no ScopeGrant is granted. Apply the ScopeGrant, read its condition, or name another.",
  },
];

const named = (text: string): string =>
  text.replaceAll("TEAM", team).replaceAll("OTHER", other).replaceAll("PROVIDER", world.provider);

/** Its last event, as `kubectl describe` shows it. */
async function eventOf(namespace: string, kind: string, name: string, reason: string): Promise<string | undefined> {
  const events = (await world.cluster.list("Event", namespace)) as unknown as readonly {
    readonly type: string;
    readonly reason: string;
    readonly regarding?: { readonly kind?: string; readonly name?: string };
  }[];
  return events.find(
    (event) => event.regarding?.kind === kind && event.regarding.name === name && event.reason === reason,
  )?.type;
}

describe("what people see of their mistakes", () => {
  it("each names the thing and the next step, is Stalled or tried again, and has a Warning", async () => {
    await Promise.all(MISTAKES.map(({ make }) => make()));
    const rows: Record<string, unknown>[] = [];
    for (const mistake of MISTAKES) {
      const { what, kind, name, reason, namespace = () => team } = mistake;
      const seen = await eventually(
        () => world.cluster.get(kind, namespace(), name),
        (object) =>
          conditionOf(object, "Ready")?.reason === reason &&
          (conditionOf(object, "Stalled") !== undefined || reason === "ProviderUnavailable"),
        `${what}: ${kind} ${name} with ${reason}`,
        60_000,
      );
      const type = await eventually(
        () => eventOf(namespace(), kind, name, reason),
        (found) => found !== undefined,
        `an event for ${kind} ${name}`,
      );
      const message = conditionOf(seen, "Ready")?.message ?? "";
      const columns = await columnsOf(world.cluster, kind, namespace(), name);
      rows.push({ what, kind, event: type, ...columns, message });
      expect.soft(columns, what).toMatchObject({ Name: name, Ready: "False", Reason: reason, Message: message });
      const text = message.replace(/\((?:ENOTFOUND|EAI_AGAIN)\)/, "(CODE)");
      expect.soft(text, what).toBe(named(mistake.message));
      expect.soft(type, what).toBe("Warning");
    }
    for (const kind of new Set(rows.map((row) => row["kind"])))
      console.table(
        rows.filter((row) => row["kind"] === kind).map(({ message: _text, Message: _same, ...row }) => row),
      );
    for (const { what, message } of rows) console.log(`${String(what)}:\n    ${String(message)}`);
  }, 180_000);

  it("a client without a grant is Ready and says that it gets no token", async () => {
    await world.client(team, "no-grant");
    const client = await world.ready("M2MClient", team, "no-grant");
    expect(conditionOf(client, "Ready")?.message).toBe(
      `Client, credential and Secret are up to date. No ScopeGrant in namespace ${team} grants this client anything, so it gets no token for an API.`,
    );
  });

  it("a provider that is edited and connects again alarms nobody", async () => {
    const calm = await world.namespace();
    const names = { from: "Names", names: [calm] };
    await world.configure({ allow: [{ namespaces: names }] });
    await world.api(calm, "api");
    await world.client(calm, "job");
    await world.grant(calm, "job", { ...sides(), scopes: ["read:things"] });
    const kinds = [["OAuthApi", "api"] as const, ["M2MClient", "job"] as const, ["ScopeGrant", "job"] as const];
    for (const [kind, name] of kinds) await world.ready(kind, calm, name);
    const before = await world.cluster.list("Event", calm);
    world.logs.length = 0;
    const rateLimit = { requestsPerMinute: 50_000, burst: 1000, sharePercent: 100 };
    for (const edit of [{ managementPolicy: "ObserveOnly" }, { managementPolicy: "Full" }, { rateLimit }]) {
      await world.configure(edit);
      const asked = JSON.stringify(edit)
        .replace(/[^A-Za-z0-9]/g, "")
        .slice(0, 60);
      for (const [kind, name] of kinds) {
        await world.annotate(kind, calm, name, "reconcile-requested-at", asked);
        await eventually(
          () => world.cluster.get(kind, calm, name),
          (object) =>
            object?.status?.["lastHandledReconcileAt"] === asked && conditionOf(object, "Ready")?.status === "True",
          `${kind} reconciled after ${asked}`,
        );
      }
    }
    expect(world.logs.filter((line) => line.includes("UND_ERR_DESTROYED"))).toEqual([]);
    expect(await world.cluster.list("Event", calm)).toEqual(before);
  });
});
