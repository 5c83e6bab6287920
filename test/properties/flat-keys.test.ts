import fc from "fast-check";
import { expect, it } from "vitest";
import { gatherPublication } from "../../src/kinds/m2m-client/publication/gather.ts";
import type { KindContext } from "../../src/kinds/kind-context.ts";
import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import type { OAuthApi } from "../../src/kinds/oauth-api/schema.ts";
import type { ScopeGrant } from "../../src/kinds/scope-grant/schema.ts";
import { CAPABILITIES } from "../unit/kinds/provider-facts.ts";
import type { Provider } from "../../src/ports/provider.ts";
import { renderClientSecret } from "../../src/publication/render.ts";
import { seeded } from "./holds.ts";

const NAMESPACE = "payroll";
const ISSUER = "https://acme.example/";
const urls = { issuer: ISSUER, wellKnownUrl: `${ISSUER}w`, tokenEndpoint: `${ISSUER}t`, jwksUri: `${ISSUER}j` };
const metadata = { ...urls, assertionAudience: ISSUER };

interface World {
  readonly grants: readonly {
    readonly name: string;
    readonly api: number;
    readonly scopes: readonly string[] | null;
  }[];
  readonly primaryApi: number | null;
  readonly published: number | null;
}

const API_COUNT = 3;
const apiIndex = () => fc.nat({ max: API_COUNT - 1 });
const worlds: fc.Arbitrary<World> = fc.record({
  grants: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("a", "b", "c", "d", "e", "f"),
      api: apiIndex(),
      // null: not granted, for whatever reason.
      scopes: fc.option(fc.subarray(["read", "write", "delete"])),
    }),
    { selector: ({ name }) => name, maxLength: 6 },
  ),
  primaryApi: fc.option(apiIndex(), { freq: 2 }),
  published: fc.option(apiIndex(), { freq: 2 }),
});

const apiName = (index: number): string => `api-${String(index)}`;
const audience = (index: number): string => `https://${apiName(index)}.example/`;

const apis = Array.from({ length: API_COUNT }, (_, index) => ({
  kind: "OAuthApi",
  metadata: { name: apiName(index), namespace: NAMESPACE },
  spec: { audience: audience(index), scopes: [] },
  status: { externalId: `id-${String(index)}`, ...urls, clientAssertionAudience: ISSUER },
})) as unknown as readonly OAuthApi[];

const scopeGrant = ({ name, api, scopes }: World["grants"][number]): ScopeGrant =>
  ({
    kind: "ScopeGrant",
    metadata: { name, namespace: NAMESPACE, uid: name },
    spec: { clientRef: { name: "job" }, apiRef: { name: apiName(api) } },
    status: scopes === null ? {} : { grantedScopes: scopes },
  }) as unknown as ScopeGrant;

async function flatKeys({ grants, primaryApi, published }: World): Promise<Readonly<Record<string, string>>> {
  const context = {
    namespaces: { get: () => undefined },
    resources: {
      oAuthApis: { get: (_namespace: string, name: string) => apis.find((api) => api.metadata.name === name) },
      scopeGrants: { byIndex: () => grants.map(scopeGrant) },
    },
    settings: { instanceId: "test" },
  } as unknown as KindContext;
  const provider = {
    vendor: "auth0",
    domain: "acme.example",
    capabilities: CAPABILITIES,
    sharedMetadata: () => Promise.resolve(metadata),
    metadata: () => Promise.resolve(metadata),
  } as unknown as Provider;
  const client = {
    kind: "M2MClient",
    metadata: { name: "job", namespace: NAMESPACE, uid: "job" },
    spec: primaryApi === null ? {} : { secret: { primaryApi: { name: apiName(primaryApi) } } },
    status: published === null ? {} : { primaryApi: `${NAMESPACE}/${apiName(published)}` },
  } as unknown as M2MClient;
  const { inputs } = await gatherPublication(context, provider, client, "client-1");
  const credential = {
    ...{ id: "c1", createdAt: "2026-01-02T03:04:05Z" },
    authenticationMethod: "client_secret_post" as const,
    clientSecret: "not-a-real-secret",
  };
  const rendering = renderClientSecret({ ...inputs, credential });
  if (rendering.kind !== "rendered") throw new Error(rendering.kind);
  return rendering.data;
}

const grantedApis = ({ grants }: World): readonly number[] => [
  ...new Set(grants.filter(({ scopes }) => scopes !== null).map(({ api }) => api)),
];

it("the order in which ScopeGrants come changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      worlds.chain((world) =>
        fc.tuple(fc.constant(world), fc.shuffledSubarray([...world.grants], { minLength: world.grants.length })),
      ),
      async ([world, grants]) => {
        expect(await flatKeys({ ...world, grants })).toEqual(await flatKeys(world));
      },
    ),
    seeded(200),
  );
});

it("ScopeGrants that are not granted change nothing", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const granted = world.grants.filter(({ scopes }) => scopes !== null);
      expect(await flatKeys({ ...world, grants: granted })).toEqual(await flatKeys(world));
    }),
    seeded(200),
  );
});

it("other names of ScopeGrants change nothing but the names in the list of grants", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const renamed = world.grants.map((grant) => ({ ...grant, name: `z-${grant.name}` }));
      const [{ grants: _before, ...before }, { grants: _after, ...after }] = [
        await flatKeys(world),
        await flatKeys({ ...world, grants: renamed }),
      ];
      expect(after).toEqual(before);
    }),
    seeded(200),
  );
});

it("the flat keys say of their API what the list of grants says", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const keys = await flatKeys(world);
      const listed = JSON.parse(keys["grants"] ?? "[]") as { audience: string; scopes: string[] }[];
      const same = listed.find((entry) => entry.audience === keys["audience"]);
      expect(keys["scopes"]).toBe(same?.scopes.join(" "));
    }),
    seeded(200),
  );
});

it("what was published decides only where nothing else does, and stays while its API is granted", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const granted = grantedApis(world);
      const { audience: shown } = await flatKeys(world);
      const { published, primaryApi } = world;
      const isDecided = primaryApi === null ? granted.length < 2 : granted.includes(primaryApi);
      if (isDecided) expect(shown).toBe((await flatKeys({ ...world, published: null }))["audience"]);
      else if (published !== null && granted.includes(published)) expect(shown).toBe(audience(published));
      else expect(shown).toBeUndefined();
    }),
    seeded(200),
  );
});
