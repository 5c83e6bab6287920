import { afterAll, beforeAll, expect, it } from "vitest";
import { createOktaLegacy, LEGACY } from "../../../demo/legacy.ts";
import { conditionOf } from "../../integration/cluster.ts";
import type { World } from "../world.ts";
import { createOktaWorld, lookAtOrg, type OrgView } from "./org.ts";

const { audience } = LEGACY;
const { authorizationServerId, clientId } = LEGACY.okta;

let world: World;
let view: OrgView;
let ns: string;
beforeAll(async () => {
  ({ world, view } = await createOktaWorld());
  ns = await world.namespace();
  await createOktaLegacy(world.sandbox);
  await world.configure({ managementPolicy: "ObserveOnly" });
  await world.allow({ adopt: { clients: [clientId], audiences: [audience], shareCredential: true } });
  await lookAtOrg(world);
  world.sandbox.calls.clear();
});
afterAll(() => world.end());

const writes = (): readonly string[] =>
  world.sandbox.calls
    .since(0)
    .filter(({ method, path }) => method !== "GET" && path.startsWith("/api/"))
    .map(({ method, path }) => `${method} ${path.replace("/api/v1", "")}`)
    .sort();

/** What its condition says it would do. */
async function previewOf(kind: string, name: string): Promise<string> {
  const object = await world.reason(kind, ns, name, "ObserveOnly");
  return /^Preview: would (.*)\. To let/.exec(conditionOf(object, "Ready")?.message ?? "")?.[1] ?? "";
}

it("says before an adoption what is written then, and nothing else", async () => {
  await world.api(ns, "invoices", {
    ...{ audience, adopt: true, displayName: "Invoices of today", okta: { authorizationServerId } },
    scopes: [{ name: "read:invoices" }, { name: "delete:invoices" }],
  });
  await world.client(ns, "export", { clientId, adopt: true, displayName: "Export" });
  const sides = { clientRef: { name: "export" }, apiRef: { name: "invoices" } };
  await world.grant(ns, "export", { ...sides, scopes: ["read:invoices", "delete:invoices"] });
  const app = view.app(clientId)?.id ?? "";
  expect(await previewOf("OAuthApi", "invoices")).toBe(
    `adopt API ${audience}; update API ${audience} (displayName: "Invoices" → "Invoices of today", scopes: read:invoices write:invoices → delete:invoices read:invoices write:invoices, write the ownership mark)`,
  );
  expect(await previewOf("M2MClient", "export")).toBe(
    `adopt client ${app} (displayName: "Invoice export" → "Export", write the ownership mark)`,
  );
  expect(await previewOf("ScopeGrant", "export")).toBe(
    `adopt the grant of read:invoices on ${audience}; update the grant on ${audience} (scopes: read:invoices → delete:invoices read:invoices)`,
  );
  expect(writes()).toEqual([]);
  await world.configure({ managementPolicy: "Full" });
  for (const [kind, name] of [
    ["OAuthApi", "invoices"],
    ["ScopeGrant", "export"],
    ["M2MClient", "export"],
  ] as const)
    await world.ready(kind, ns, name);
  const [policy] = view.policies(audience, clientId);
  const server = `/authorizationServers/${authorizationServerId}`;
  expect(writes()).toEqual([
    `POST ${server}/scopes`,
    `PUT /apps/${app}`,
    `PUT ${server}`,
    `PUT ${server}/policies/${policy?.id ?? ""}`,
    expect.stringMatching(`PUT ${server}/policies/.*/rules/`),
  ]);
  expect(view.server(audience)?.name).toBe("Invoices of today");
  expect(view.app(clientId)?.label).toBe("Export");
  expect([...view.scopes(audience)].sort()).toEqual(["delete:invoices", "read:invoices", "write:invoices"]);
  expect(policy?.rules.map(({ scopes }) => [...scopes].sort())).toEqual([["delete:invoices", "read:invoices"]]);
  expect(policy?.policy.name).toBe("Export");
});
