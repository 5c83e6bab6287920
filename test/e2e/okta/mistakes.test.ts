import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { columnsOf } from "../columns.ts";
import type { World } from "../world.ts";
import { createOktaWorld } from "./org.ts";

let world: World;
let team: string;
beforeAll(async () => {
  ({ world } = await createOktaWorld());
  team = await world.namespace();
  await world.api(team, "api");
  await world.client(team, "job");
  await world.ready("M2MClient", team, "job");
});
afterAll(() => world.end());

const sides = { clientRef: { name: "job" }, apiRef: { name: "api" } };

interface Mistake {
  readonly kind: string;
  readonly name: string;
  readonly make: () => Promise<unknown>;
  /** The field that the message names, or more of the message. */
  readonly field: string;
}

const MISTAKES: readonly Mistake[] = [
  {
    ...{ kind: "OAuthApi", name: "profile", field: "spec.tokens.profile" },
    make: () => world.api(team, "profile", { tokens: { profile: "RFC9068" } }),
  },
  {
    ...{ kind: "OAuthApi", name: "algorithm", field: "spec.tokens.signingAlgorithm" },
    make: () => world.api(team, "algorithm", { tokens: { signingAlgorithm: "PS256" } }),
  },
  {
    ...{ kind: "OAuthApi", name: "secret" },
    field: "spec.tokens.signingAlgorithm HS256. Use RS256, or remove it. In both cases, remove spec.signingSecret too.",
    make: () =>
      world.api(team, "secret", { tokens: { signingAlgorithm: "HS256" }, signingSecret: { name: "signing" } }),
  },
  {
    ...{ kind: "M2MClient", name: "kubernetes" },
    field:
      "spec.authentication.method kubernetes. Use client_secret_basic or client_secret_post or private_key_jwt, or remove it. In both cases, remove spec.authentication.serviceAccount too.",
    make: () =>
      world.client(team, "kubernetes", { authentication: { method: "kubernetes", serviceAccount: { name: "job" } } }),
  },
  {
    ...{ kind: "M2MClient", name: "quota", field: "spec.tokenQuota" },
    make: () => world.client(team, "quota", { tokenQuota: { perHour: 10 } }),
  },
  {
    ...{ kind: "M2MClient", name: "organization", field: "spec.defaultOrganization" },
    make: () => world.client(team, "organization", { defaultOrganization: "org_1" }),
  },
  {
    ...{ kind: "ScopeGrant", name: "organizations", field: "spec.organizations" },
    make: () =>
      world.grant(team, "organizations", { ...sides, scopes: ["read:things"], organizations: { usage: "Allow" } }),
  },
];

it("a field that Okta does not support is named in the columns, with a Warning", async () => {
  await Promise.all(MISTAKES.map(({ make }) => make()));
  const rows: object[] = [];
  for (const { kind, name, field } of MISTAKES) {
    await eventually(
      () => world.cluster.get(kind, team, name),
      (object) => conditionOf(object, "Stalled")?.reason === "UnsupportedByProvider",
      `${kind} ${name} stalled`,
    );
    const columns = await columnsOf(world.cluster, kind, team, name);
    rows.push(columns);
    expect.soft(columns).toMatchObject({ Name: name, Ready: "False", Reason: "UnsupportedByProvider" });
    expect
      .soft(columns["Message"])
      .toContain(`Okta (ClusterIdentityProvider ${world.provider}) does not support ${field}`);
    const told = await eventually(
      async () =>
        (await world.cluster.list("Event", team)).find((event) => {
          const { regarding, reason } = event as { regarding?: { kind?: string; name?: string }; reason?: string };
          return regarding?.kind === kind && regarding.name === name && reason === "UnsupportedByProvider";
        }),
      (event) => event !== undefined,
      `an event for ${kind} ${name}`,
    );
    expect.soft(told?.type).toBe("Warning");
  }
  for (const row of rows) console.log(row);
});

it("an API whose lifetime nobody sets shows the one that applies, and so does a token", async () => {
  await world.grant(team, "reads", { ...sides, scopes: ["read:things"] });
  const grant = await world.ready("ScopeGrant", team, "reads");
  expect((grant.status?.["token"] as { lifetime?: string }).lifetime).toBe("1h");
  expect(await columnsOf(world.cluster, "OAuthApi", team, "api")).toMatchObject({ Lifetime: "1h" });
});
