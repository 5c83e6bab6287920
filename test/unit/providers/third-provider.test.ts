import { execFile } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../../..");

const DECLARATION = `
import { z } from "zod";
import { host } from "../../kinds/schema/host.ts";
import { declareApiSection, declareProvider } from "../declaration.ts";
import { CAPABILITIES } from "./capabilities.ts";

export const third = declareProvider({
  label: "Third",
  hosts: ["*.third.example"],
  variant: z.object({ realm: host().describe("The realm.") }).describe("A realm of Third."),
  tenantOf: ({ realm }) => realm,
  texts: { credentials: "third_key", requestsPerMinute: "33", burst: "3", sharePercent: "30" },
  apiSection: declareApiSection({
    schema: z.object({ color: z.enum(["Red"]).optional().describe("Its color.") }),
    rules: [],
    wishOf: (settings) => ({ settings }),
    sectionOf: (settings) => settings,
  }),
  capabilities: CAPABILITIES,
  load: () => import("./index.ts"),
});
`;
const CAPABILITIES = `
import type { Capabilities } from "../../ports/provider.ts";

export const CAPABILITIES: Capabilities = {
  authenticationMethods: ["client_secret_basic"],
  assertionAlgorithms: [],
  maxPublicKeys: 0,
  tokenQuotas: false,
  choosesClientId: true,
  signingAlgorithms: ["EdDSA"],
  profiles: ["Third"],
  permissionsClaim: false,
  secretOverlap: "none",
  secretsSeenBy: "listing",
  apiDescriptions: true,
  whenNoneRequested: "defaults",
  marksApis: true,
  grantsToAllClients: false,
  organizations: false,
  sharesAudiences: false,
  tokenLifetime: { heldBy: "api", min: 60, max: 3600, step: 1, default: 600 },
  propagationMs: 0,
};
`;
const INDEX = `
import type { ProviderModule } from "../declaration.ts";

export const createProvider: ProviderModule["createProvider"] = () => {
  throw new Error("never connected");
};
export const problemOf = (): undefined => undefined;
export const limitsOf = () => [];
export const bucketsOf = () => [];
export const isPerClientQuota = () => false;
export const DEFAULT_SHARE_PERCENT = 30;
`;

/** The checkout's sources with one more folder, and one more line in the registry. */
let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "third-provider-"));
  for (const part of ["src", "scripts", "package.json", "tsconfig.json", "charts", "deploy"])
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  const folder = join(copy, "src/providers/third");
  mkdirSync(folder);
  writeFileSync(join(folder, "declaration.ts"), DECLARATION);
  writeFileSync(join(folder, "capabilities.ts"), CAPABILITIES);
  writeFileSync(join(folder, "index.ts"), INDEX);
  appendFileSync(join(copy, "src/providers/registry.ts"), 'export { third } from "./third/declaration.ts";\n');
});
afterAll(() => {
  rmSync(copy, { recursive: true });
});

it("a new provider compiles with its folder and its line in the registry alone", async () => {
  writeFileSync(join(copy, "tsconfig.third.json"), '{ "extends": "./tsconfig.json", "include": ["src"] }');
  await run(process.execPath, [join(ROOT, "node_modules/typescript-7/bin/tsc"), "-p", "tsconfig.third.json"], {
    cwd: copy,
  });
}, 60_000);

it("a new provider's settings are in the CRDs, in the rules between providers, in the desire and in the docs", async () => {
  const script = `
    import { crdYaml } from "./scripts/generate/crd.ts";
    import { providersMarkdown } from "./scripts/generate/providers-markdown.ts";
    import { KINDS } from "./src/kinds/registry.ts";
    import { settingsOf } from "./src/kinds/identity-provider/desire.ts";
    import { vendorWishes } from "./src/kinds/oauth-api/vendor-sections.ts";
    import { PROVIDERS } from "./src/providers/by-name.ts";
    const spec = { third: { realm: "a.third.example" }, credentialsSecretRef: { name: "x" } };
    const settings = settingsOf({ spec });
    console.log(JSON.stringify({
      crds: Object.fromEntries(KINDS.map((kind) => [kind.kind, crdYaml(kind)])),
      isGood: KINDS[0].schema.safeParse({ spec }).success,
      areTwoGood: KINDS[0].schema.safeParse({ spec: { ...spec, okta: { orgUrl: "https://a.okta.com" } } }).success,
      settings,
      tenant: PROVIDERS[settings.vendor].tenantOf(settings.variant),
      wishes: vendorWishes({ third: { color: "Red" } }),
      markdown: providersMarkdown(PROVIDERS),
    }));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
    ...{ cwd: copy, maxBuffer: 16 * 1024 * 1024 },
  });
  const { crds, ...seen } = JSON.parse(stdout) as Record<string, unknown> & { readonly crds: Record<string, string> };
  expect(seen).toMatchObject({
    ...{ isGood: true, areTwoGood: false, tenant: "a.third.example" },
    settings: { vendor: "third", variant: { realm: "a.third.example" } },
    wishes: [{ section: "third", settings: { color: "Red" } }],
  });
  expect(seen["markdown"]).toContain("| Auth0 | Keycloak | Okta | Third |");
  const specOf = (kind: string) => {
    const crd = parse(crds[kind] ?? "") as {
      spec: { versions: { schema: { openAPIV3Schema: { properties: { spec: Spec } } } }[] };
    };
    return crd.spec.versions[0]?.schema.openAPIV3Schema.properties.spec;
  };
  const provider = specOf("ClusterIdentityProvider");
  expect(provider?.properties["third"]).toMatchObject({ description: "A realm of Third.", required: ["realm"] });
  expect(JSON.stringify(provider?.properties)).toContain("Third: third_key");
  expect(provider?.["x-kubernetes-validations"]).toContainEqual({
    rule: "[has(self.auth0), has(self.keycloak), has(self.okta), has(self.third)].filter(isSet, isSet).size() == 1",
    message: "set exactly one provider: auth0, keycloak, okta or third",
  });
  const api = specOf("OAuthApi");
  expect(api?.properties["third"]).toMatchObject({ description: "Settings of the API that only Third supports." });
  expect(api?.properties["tokens"]?.properties["profile"]?.enum).toEqual(["Auth0", "RFC9068", "Keycloak", "Third"]);
  expect(api?.properties["tokens"]?.properties["signingAlgorithm"]?.enum).toContain("EdDSA");
}, 60_000);

interface Spec {
  readonly properties: Readonly<Record<string, Spec | undefined>>;
  readonly enum?: readonly string[];
  readonly "x-kubernetes-validations"?: readonly object[];
}
