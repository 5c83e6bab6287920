import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { join } from "node:path";
import jwt, { type Algorithm, type JwtPayload } from "jsonwebtoken";
import { fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createExampleWorld, type ExampleWorld } from "./harness.ts";

interface Variant {
  readonly folder: string;
  readonly algorithm: Algorithm;
  readonly profile: "Auth0" | "RFC9068";
  readonly hasPermissions: boolean;
  /** Seconds. */
  readonly lifetime: number;
}

const VARIANTS: readonly Variant[] = [
  { folder: "rs256", algorithm: "RS256", profile: "RFC9068", hasPermissions: true, lifetime: 3600 },
  { folder: "ps256", algorithm: "PS256", profile: "RFC9068", hasPermissions: false, lifetime: 7200 },
  { folder: "hs256", algorithm: "HS256", profile: "Auth0", hasPermissions: true, lifetime: 900 },
  { folder: "classic", algorithm: "RS256", profile: "Auth0", hasPermissions: false, lifetime: 3600 },
];
const SCOPES = "approve:timesheets batch:upload create:timesheets delete:timesheets read:timesheets";

let world: ExampleWorld;
beforeAll(async () => {
  world = await createExampleWorld();
});
afterAll(async () => {
  for (const variant of VARIANTS) await remove(variant);
  await world.end();
});

const folderOf = ({ folder }: Variant): string => join(world.dir, "timesheets", folder);
const remove = (variant: Variant): Promise<string> =>
  world.kubectl("delete", "-k", folderOf(variant), "--timeout=60s", "--ignore-not-found");

type Values = Readonly<Record<string, string>>;

/** Asks as the batch job would. */
async function ask(secret: Values, scope?: string) {
  const response = await fetch(secret["token_endpoint"] ?? "", {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: secret["client_id"] ?? "",
      client_secret: secret["client_secret"] ?? "",
      audience: secret["audience"] ?? "",
      ...(scope === undefined ? {} : { scope }),
    }),
    dispatcher: world.trust,
  });
  const body = (await response.json()) as { access_token?: string; error?: string };
  return { status: response.status, token: body.access_token ?? "", error: body.error };
}

/** The key that the API verifies with: from the signing Secret, or from the URL in its ConfigMap. */
async function keyFor(namespace: string, config: Values, token: string): Promise<string | KeyObject> {
  const header = jwt.decode(token, { complete: true })?.header;
  const signing = await world.cluster.secret(namespace, "timesheets-signing");
  if (signing !== undefined) {
    expect(signing).toMatchObject({
      audience: config["audience"],
      issuer: config["issuer"],
      signing_algorithm: "HS256",
    });
    return signing["signing_secret"] ?? "";
  }
  const response = await fetch(config["jwks_uri"] ?? "", { dispatcher: world.trust });
  const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] };
  const key = keys.find(({ kid }) => kid === header?.kid);
  if (key === undefined) throw new Error("the token's key is not at jwks_uri");
  return createPublicKey({ key, format: "jwk" });
}

async function becomesVerified(namespace: string): Promise<void> {
  await world.ready("OAuthApi", namespace, "timesheets");
  await world.ready("ScopeGrant", namespace, "batch-uploads");
  await world.ready("M2MClient", namespace, "timesheet-batch");
  await eventually(
    () => world.cluster.get("M2MClient", namespace, "timesheet-batch"),
    (client) => conditionOf(client, "Verified")?.status === "True",
    `client of ${namespace} verified`,
  );
}

function expectClaims(claims: JwtPayload, variant: Variant, clientId: string): void {
  expect(claims.sub).toBe(`${clientId}@clients`);
  expect(claims["scope"]).toBe("batch:upload");
  expect(claims["permissions"]).toEqual(variant.hasPermissions ? ["batch:upload"] : undefined);
  expect(Number(claims.exp) - Number(claims.iat)).toBe(variant.lifetime);
  const isRfc9068 = variant.profile === "RFC9068";
  expect(claims["client_id"]).toBe(isRfc9068 ? clientId : undefined);
  expect(claims["azp"]).toBe(isRfc9068 ? undefined : clientId);
  expect(claims["gty"]).toBe(isRfc9068 ? undefined : "client-credentials");
  expect(typeof claims.jti).toBe(isRfc9068 ? "string" : "undefined");
}

it.each(VARIANTS)("$folder: $profile tokens, permissions: $hasPermissions, and no trace left", async (variant) => {
  const before = await world.tenantState();
  const namespace = `timesheets-${variant.folder}`;
  await world.kubectl("apply", "-k", folderOf(variant));
  await becomesVerified(namespace);

  const config: Values = (await world.cluster.get("ConfigMap", namespace, "timesheets-oauth"))?.data ?? {};
  const audience = `https://timesheets.example.com/${variant.folder}`;
  expect(config).toMatchObject({ audience, issuer: `${world.sandbox.auth0.url}/`, scopes: SCOPES });
  const secret = (await world.cluster.secret(namespace, "timesheet-batch-oauth")) ?? {};
  expect(secret).toMatchObject({ audience, scopes: "batch:upload", issuer: config["issuer"] });

  const { status, token } = await ask(secret);
  expect(status).toBe(200);
  const { header, payload } = jwt.verify(token, await keyFor(namespace, config, token), {
    ...{ algorithms: [variant.algorithm], audience, issuer: `${world.sandbox.auth0.url}/` },
    complete: true,
  });
  expect(header).toMatchObject({ alg: variant.algorithm, typ: variant.profile === "RFC9068" ? "at+jwt" : "JWT" });
  expectClaims(payload as JwtPayload, variant, secret["client_id"] ?? "");
  expect(await ask(secret, "approve:timesheets")).toMatchObject({ status: 403, error: "access_denied", token: "" });

  await remove(variant);
  expect(await world.tenantState()).toEqual(before);
});

interface Step {
  readonly target: string;
  readonly action: string;
  readonly changes?: readonly { readonly field: string }[];
}

it("the preview of one more scope shows the change of the grant and of the Secret, and that of a deletion what goes", async () => {
  const manifests = join(world.dir, "../timesheets.yaml");
  const before = await world.tenantState();
  await world.kubectl("apply", "-f", manifests);
  for (const [kind, name] of [
    ["OAuthApi", "timesheets"],
    ["M2MClient", "timesheet-importer"],
    ["ScopeGrant", "importer-uploads"],
  ] as const)
    await world.ready(kind, "payroll", name);

  await world.kubectl("apply", "-f", join(world.dir, "../preview/preview.yaml"));
  await world.kubectl(
    ...["wait", "--for=condition=Ready", "changepreviews", "--all", "-n", "payroll", "--timeout=30s"],
  );
  const stepsOf = async (name: string): Promise<readonly Step[]> => {
    const preview = await world.cluster.get("ChangePreview", "payroll", name);
    return (preview?.status?.["steps"] ?? []) as readonly Step[];
  };
  const shown = (steps: readonly Step[]) => steps.map(({ target, action }) => `${target}: ${action}`);
  const wider = await stepsOf("another-scope");
  expect(shown(wider)).toContain("Tenant: update grant");
  const fields = wider.find(({ target }) => target === "Secret")?.changes?.map(({ field }) => field);
  expect(fields).toEqual(["data.grants", "data.scopes"]);
  expect(shown(await stepsOf("without-importer"))).toEqual(
    expect.arrayContaining(["Tenant: delete client", "Resource: delete M2MClient", "Resource: delete ScopeGrant"]),
  );

  await world.kubectl("delete", "-f", manifests, "--timeout=60s");
  expect(await world.tenantState()).toEqual(before);
});
