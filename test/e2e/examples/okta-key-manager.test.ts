import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createExampleWorld, type ExampleWorld } from "./harness.ts";
import { claimsOf } from "./okta-token.ts";

interface Variant {
  readonly folder: string;
  readonly namespace: string;
  readonly audience: string;
  /** Whom the one policy names; the app when absent. */
  readonly included?: string;
  readonly grant: string;
}

const VARIANTS: readonly Variant[] = [
  { folder: "base", namespace: "key-manager-okta", audience: "KI-Scanner", grant: "key-manager-scans" },
  {
    ...{ folder: "all-clients", namespace: "key-manager-all-clients", audience: "KI-Scanner-all-clients" },
    ...{ grant: "everybody-scans", included: "ALL_CLIENTS" },
  },
];

let world: ExampleWorld;
beforeAll(async () => {
  world = await createExampleWorld("okta");
});
afterAll(async () => {
  await world.end();
});

const folderOf = ({ folder }: Variant): string => join(world.dir, "key-manager", folder);

async function becomesReady({ namespace, grant }: Variant): Promise<void> {
  await world.ready("OAuthApi", namespace, "ki-scanner");
  await world.ready("ScopeGrant", namespace, grant);
  await world.ready("M2MClient", namespace, "key-manager");
}

/** As the console would show it. */
function serverOf(audience: string) {
  const server = [...world.sandbox.org.state.servers.values()].find(({ audiences }) => audiences.includes(audience));
  if (server === undefined) throw new Error(`no authorization server has the audience ${audience}`);
  return server;
}

it.each(VARIANTS)(
  "$folder: name, audience, description, a default scope and one policy with one rule",
  async (variant) => {
    await world.kubectl("apply", "-k", folderOf(variant));
    await becomesReady(variant);
    const server = serverOf(variant.audience);
    expect(server).toMatchObject({ name: "KI-Scanner", audiences: [variant.audience], status: "ACTIVE" });
    expect(server.description).toMatch(/^Issues tokens for the scanner \[/);
    const scopes = [...server.scopes.values()].filter(({ system }) => !system);
    expect(scopes.map(({ name, default: isDefault }) => [name, isDefault])).toEqual([
      ["scan:read", true],
      ["scan:write", false],
    ]);
    const clientId = (await world.cluster.secret(variant.namespace, "key-manager-oauth"))?.["clientId"];
    const [policy, ...otherPolicies] = server.policies.values();
    const [rule, ...otherRules] = policy?.rules.values() ?? [];
    expect([...otherPolicies, ...otherRules]).toEqual([]);
    expect(policy?.conditions.clients.include).toEqual([variant.included ?? clientId]);
    expect(rule?.conditions).toMatchObject({
      grantTypes: { include: ["client_credentials"] },
      scopes: { include: ["scan:read", "scan:write"] },
    });
    await world.kubectl("delete", "-k", folderOf(variant), "--timeout=60s");
  },
);

it.each(VARIANTS)(
  "$folder: Metadata URI, client id, client secret and scopes are enough, with and without asking for a scope",
  async (variant) => {
    const before = await world.tenantState();
    await world.kubectl("apply", "-k", folderOf(variant));
    await becomesReady(variant);
    const secret = (await world.cluster.secret(variant.namespace, "key-manager-oauth")) ?? {};
    expect(Object.keys(secret).sort()).toEqual(["clientId", "clientSecret", "metadataUri", "scopes"]);
    const { metadataUri = "", clientId, scopes = "" } = secret;
    expect(metadataUri).toBe(
      `${world.sandbox.okta.url}/oauth2/${serverOf(variant.audience).id}/.well-known/oauth-authorization-server`,
    );
    expect(scopes).toBe("scan:read scan:write");

    const files = ["default-token", "token"].map((name) => join(world.dir, `${variant.folder}-${name}`));
    const mounted = await world.mount(variant.namespace, "key-manager-oauth");
    await world.run("key-manager/consumer.ts", [mounted, ...files]);
    const claims = (token: string) => claimsOf(world, metadataUri, variant.audience, token);
    const [byDefault = "", asked = ""] = files.map((file) => readFileSync(file, "utf8"));
    expect(await claims(byDefault)).toMatchObject({ scp: ["scan:read"], cid: clientId, sub: clientId });
    expect(await claims(asked)).toMatchObject({ scp: ["scan:read", "scan:write"], cid: clientId });

    const curl = async (...given: readonly string[]): Promise<string> =>
      (JSON.parse(await world.run("key-manager/curl.sh", [mounted, ...given])) as { access_token: string })
        .access_token;
    expect(await claims(await curl())).toMatchObject({ scp: ["scan:read"] });
    expect(await claims(await curl(scopes))).toMatchObject({ scp: ["scan:read", "scan:write"] });

    await world.kubectl("delete", "-k", folderOf(variant), "--timeout=60s");
    expect(await world.tenantState()).toEqual(before);
  },
);

it("both variants stand side by side", async () => {
  const before = await world.tenantState();
  for (const variant of VARIANTS) await world.kubectl("apply", "-k", folderOf(variant));
  for (const variant of VARIANTS) await becomesReady(variant);
  for (const variant of VARIANTS) await world.kubectl("delete", "-k", folderOf(variant), "--timeout=60s");
  expect(await world.tenantState()).toEqual(before);
});
