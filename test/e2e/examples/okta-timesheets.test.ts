import { createPublicKey, type JsonWebKey } from "node:crypto";
import { join } from "node:path";
import jwt, { type JwtPayload } from "jsonwebtoken";
import { fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { askToken } from "../okta/token.ts";
import { createExampleWorld, type ExampleWorld } from "./harness.ts";

const NAMESPACE = "timesheets-okta";
type Values = Readonly<Record<string, string>>;

let world: ExampleWorld;
beforeAll(async () => {
  world = await createExampleWorld("okta");
});
afterAll(async () => {
  await world.end();
});

const secretOf = async (name: string): Promise<Values> => (await world.cluster.secret(NAMESPACE, name)) ?? {};

/** What the API checks, with what its ConfigMap says. */
async function checked(api: string, token: string): Promise<JwtPayload> {
  const config: Values = (await world.cluster.get("ConfigMap", NAMESPACE, `${api}-oauth`))?.data ?? {};
  const { audience = "", issuer = "", jwks_uri: jwksUri = "" } = config;
  const response = await fetch(jwksUri, { dispatcher: world.trust });
  const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] };
  const kid = jwt.decode(token, { complete: true })?.header.kid;
  const key = keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw new Error("the token's key is not at jwks_uri");
  const claims = jwt.verify(token, createPublicKey({ key, format: "jwk" }), {
    ...{ algorithms: ["RS256"], audience, issuer },
  });
  return claims as JwtPayload;
}

async function tokenWith(secret: Values): Promise<string> {
  const { status, body } = await askToken(secret, world.sandbox.caPem, secret["scopes"]);
  expect(status).toBe(200);
  return String(body["access_token"]);
}

const lifetimeOf = ({ exp = 0, iat = 0 }: JwtPayload): number => exp - iat;

it("one client has two APIs, each with an issuer, a lifetime and claims of its own, and no trace is left", async () => {
  const before = await world.tenantState();
  await world.kubectl("apply", "-k", join(world.dir, "timesheets"));
  for (const api of ["timesheets", "payslips"]) await world.ready("OAuthApi", NAMESPACE, api);
  for (const grant of ["batch-uploads", "batch-reads-payslips"]) await world.ready("ScopeGrant", NAMESPACE, grant);
  await world.ready("M2MClient", NAMESPACE, "timesheet-batch");

  const [uploads, payslips] = [await secretOf("timesheet-batch-oauth"), await secretOf("timesheet-batch-payslips")];
  expect(uploads["client_id"]).toBe(payslips["client_id"]);
  expect(uploads["issuer"]).not.toBe(payslips["issuer"]);
  const listed = JSON.parse(uploads["grants"] ?? "") as readonly { name: string; issuer: string }[];
  expect(listed.map(({ name, issuer }) => [name, issuer])).toEqual([
    ["batch-reads-payslips", payslips["issuer"]],
    ["batch-uploads", uploads["issuer"]],
  ]);

  const token = await tokenWith(uploads);
  const claims = await checked("timesheets", token);
  expect(claims).toMatchObject({ scp: ["batch:upload"], cid: uploads["client_id"], tier: "internal", team: "payroll" });
  expect(claims).not.toHaveProperty("approver");
  expect(lifetimeOf(claims)).toBe(600);
  const other = await checked("payslips", await tokenWith(payslips));
  expect(other).toMatchObject({ scp: ["read:payslips"], cid: uploads["client_id"] });
  expect(other).not.toHaveProperty("tier");
  expect(lifetimeOf(other)).toBe(1800);
  await expect(checked("payslips", token)).rejects.toThrow("jwks_uri");
  expect(await askToken(uploads, world.sandbox.caPem, "approve:timesheets")).toMatchObject({
    status: 401,
    body: { error: "access_denied" },
  });

  await world.kubectl("delete", "-k", join(world.dir, "timesheets"), "--timeout=60s");
  expect(await world.tenantState()).toEqual(before);
});
