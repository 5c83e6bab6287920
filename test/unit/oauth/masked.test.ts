import { createHmac, generateKeyPairSync } from "node:crypto";
import { expect, it } from "vitest";
import { masked } from "../../../src/oauth/masked.ts";

/** Random-looking bytes that are the same in every run, so that a failure can be seen again. */
function bytes(seed: number, length: number): Buffer {
  const block = (index: number): Buffer => createHmac("sha512", `${String(seed)}/${String(index)}`).digest();
  return Buffer.concat([block(0), block(1), block(2)]).subarray(0, length);
}
/** Letters and digits, as consoles make secrets. */
const letters = (seed: number, length: number): string =>
  bytes(seed, 192)
    .toString("base64")
    .replace(/[^A-Za-z0-9]/g, "")
    .slice(0, length);
const pem = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

it.each<[what: string, make: (seed: number) => string]>([
  ["an API token of Okta", (seed) => `00${bytes(seed, 30).toString("base64url")}`],
  ["a secret of 40 letters and digits", (seed) => letters(seed, 40)],
  ["a secret of 64 letters and digits", (seed) => letters(seed, 64)],
  ["a secret in base64url", (seed) => bytes(seed, 48).toString("base64url")],
  ["a secret of 40 characters in base64url", (seed) => bytes(seed, 30).toString("base64url")],
  ["a secret in base64", (seed) => bytes(seed, 48).toString("base64")],
  ["a padded secret in base64", (seed) => bytes(seed, 31).toString("base64")],
  ["a digest in hexadecimal", (seed) => bytes(seed, 20).toString("hex")],
  ["a secret in capitals and digits", (seed) => letters(seed, 120).toUpperCase().slice(0, 48)],
])("%s does not leave the process", (_what, make) => {
  const left = Array.from({ length: 300 }, (_, seed) => make(seed)).filter((secret) =>
    masked(`refused ${secret}, try again`).includes(secret),
  );
  expect(left).toEqual([]);
});

it.each<[what: string, text: string, secret: string]>([
  ["one letter, often", `value ${"a".repeat(40)}`, "aaaa"],
  ["a signed token", `token eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln`, "eyJzdWIiOiJhIn0"],
  ["a token without a signature", `token eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.`, "eyJzdWIiOiJhIn0"],
  ["an encrypted token", `eyJhbGciOiJSU0EifQ.b2tleQ.aXZpdg.Y2lwaGVy.dGFn`, "Y2lwaGVy"],
  ["a key in PEM", `key ${pem}`, pem.split("\n")[1] ?? ""],
  ["a key in PEM within JSON", JSON.stringify({ key: pem }), (pem.split("\n")[1] ?? "").slice(0, 20)],
  ["a key in PEM without its end", pem.slice(0, 60), pem.slice(28, 60)],
  ["a form", "client_id=abc&client_secret=hunter2&grant_type=client_credentials", "hunter2"],
  ["a member of JSON", `{"client_secret":"hunter2"}`, "hunter2"],
  ["a member of JSON within JSON", JSON.stringify({ body: `{"client_secret": "hunter2"}` }), "hunter2"],
  ["a member of YAML", "api_token: hunter2", "hunter2"],
  ["a header", "Authorization: Basic aHVudGVyMg==", "aHVudGVyMg"],
  ["a header of a scheme that nobody knows", "authorization: Custom hunter2", "hunter2"],
  ["a scheme alone", "the answer quoted Bearer tok-hunter2", "hunter2"],
  ["Okta's scheme", "sent SSWS 00hunter2", "hunter2"],
  ["an assertion", "client_assertion=hunter2", "hunter2"],
])("%s is masked", (_what, text, secret) => {
  expect(secret).not.toBe("");
  expect(masked(text)).not.toContain(secret);
  expect(masked(text)).toContain("[masked]");
});

it.each([
  "The operator's app lacks the scope okta.authorizationServers.manage okta.apps.manage. Grant it in the org.",
  "uid 3f2504e0-4f89-41d3-9a0c-0305e82c3301, twice 3f2504e0-4f89-41d3-9a0c-0305e82c3301/3f2504e0-4f89-41d3-9a0c-0305e82c3302",
  "Secret payroll/m2m-operator-state-3f2504e0-4f89-41d3-9a0c-0305e82c3301",
  "Pod timesheet-importer-with-a-long-name-6d4cf56db6-x7k2p in namespace payroll-and-everything-around-it",
  "ScopeGrant payroll/nightly-importer-may-upload-batches-to-timesheets-v2",
  "client AbCdEfGhIjKlMnOpQrStUvWxYz012345 and app 0oa1b2c3d4E5F6G7H8i9",
  "grant aus1b2c3d4E5F6G7H8i9/00p1b2c3d4E5F6G7H8i9",
  "GET /api/v1/authorizationServers/aus1b2c3d4E5F6G7H8i9/policies/00p1b2c3d4E5F6G7H8i9/rules/0pr1b2c3d4E5F6G7H8i9",
  "GET /api/v2/clients/AbCdEfGhIjKlMnOpQrStUvWxYz012345/credentials",
  "https://acme.okta.com/oauth2/aus1b2c3d4E5F6G7H8i9/.well-known/oauth-authorization-server",
  "at AuthorizationServerApiRequestFactory.listAuthorizationServerPolicyRulesWithPagination (/app/node_modules/@okta/okta-sdk-nodejs/src/generated/apis/AuthorizationServerApi.js:120:11)",
  "client_secret is missing, private_key is not set, client_secret: missing",
  "Use Basic authentication or a Bearer token.",
  "m2m_operator_oldest_read_age_seconds and m2m-operator.io/rotate-requested-at=2026-11-29T06:43:00.000Z",
  '{"token_endpoint":"https://acme.eu.auth0.com/oauth/token","authorization_endpoint":"https://acme.eu.auth0.com/authorize"}',
])("leaves as it is: %s", (text) => {
  expect(masked(text)).toBe(text);
});

it("takes no longer for a text that is made to be slow", () => {
  const hostile = [
    "-----BEGIN A-----".repeat(20_000),
    "eyJaaaaaaaa.".repeat(20_000),
    "client_secret:\\".repeat(20_000),
  ];
  const startedAt = performance.now();
  for (const text of hostile) masked(text);
  expect(performance.now() - startedAt).toBeLessThan(2000);
});

it.each([
  "eyJ",
  "eyJaaaaaa",
  "eyJaaaaaa.",
  "Bearer a1",
  "-----BEGIN A-----",
  "authorization:",
  "client_secret=",
  "a/",
  "aB3/",
  ".",
  "-",
])("a long text of %s takes time in proportion to its length", (unit) => {
  const cpu = (): number => process.threadCpuUsage().user / 1000;
  const text = unit.repeat(100_000 / unit.length);
  const begun = cpu();
  masked(text);
  expect(cpu() - begun).toBeLessThan(200);
});

it.each([
  ["host.eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln", "host.[masked]"],
  ["tokeneyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln.", "token[masked]"],
  ["api.example.com and eyJhbGciOiJub25lIn0", "api.example.com and eyJhbGciOiJub25lIn0"],
])("a token is found within %s", (text, expected) => {
  expect(masked(text)).toBe(expected);
});
