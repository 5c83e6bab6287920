import { expect, it } from "vitest";
import { CHECKS } from "../../../../cli/doctor/checks.ts";
import type { Facts } from "../../../../cli/doctor/facts.ts";
import { api, client, found, grant, NOTHING, pod, provider } from "./facts.ts";

const NAMESPACES = ["billing", "payroll"].map((name) => ({ name, labels: { name } }));
const names = (...all: readonly string[]) => ({ from: "Names", names: all });
const allowing = (...allow: readonly object[]): Pick<Facts, "providers"> => ({
  providers: [provider({ spec: { allow } })],
});
const granting = (...allowedGrants: readonly object[]): Pick<Facts, "apis"> => ({
  apis: [api({ spec: { allowedGrants } })],
});
const ENV = (key: string) => ({ env: [{ name: "X", valueFrom: { secretKeyRef: { name: "importer", key } } }] });
const VOLUME = { volumes: [{ name: "v", secret: { secretName: "importer" } }] };
const MOUNT = { volumeMounts: [{ name: "v", subPath: "client_secret" }] };
const operator = (version: string | undefined) => ({
  kind: "Deployment",
  metadata: { name: "op", namespace: "m2m" },
  version,
});
const crd = (version: string | undefined) => ({
  kind: "CustomResourceDefinition",
  metadata: { name: "x.m2m-operator.io" },
  version,
});
const OKTA = provider({ spec: { auth0: undefined, okta: { orgUrl: "https://x.okta.com" } } });
delete (OKTA.spec as { auth0?: unknown }).auth0;
const reader = (container: object, spec = {}, clientSpec = {}): Partial<Facts> => ({
  ...{ providers: [provider()], clients: [client(clientSpec)], workloads: [pod(container, spec)] },
});

/** Check, facts, and what the finding says. `undefined`: no finding. */
const CASES: readonly (readonly [string, Partial<Facts>, RegExp | undefined])[] = [
  ["missing-permissions", { providers: [provider({ status: { missingPermissions: ["read:x"] } })] }, /lacks: read:x\./],
  ["missing-permissions", { providers: [provider()] }, undefined],
  [
    "excess-permissions",
    { providers: [provider({ status: { excessPermissions: ["read:users"] } })] },
    /has: read:users/,
  ],
  ["excess-permissions", { providers: [provider()] }, undefined],
  ["wide-provider-consent", allowing({ namespaces: { from: "All" }, audiences: ["https://a"] }), /every namespace/],
  [
    "wide-provider-consent",
    allowing({ namespaces: { from: "Selector", selector: {} }, audiences: ["x"] }),
    /every namespace/,
  ],
  ["wide-provider-consent", allowing({ namespaces: names("billing") }), /every audience/],
  [
    "wide-provider-consent",
    allowing({ namespaces: names("billing"), audiences: ["https://*"] }),
    /audiences https:\/\/\*/,
  ],
  ["wide-provider-consent", allowing({ namespaces: names("billing"), audiences: ["https://*.x.com/*"] }), undefined],
  ["wide-api-consent", granting({ namespaces: { from: "All" } }), /every namespace to request all scopes/],
  ["wide-api-consent", granting({ namespaces: names("payroll") }), undefined],
  ["unused-provider-consent", allowing({ namespaces: names("billing") }), /No resource uses spec\.allow\[0\]\.$/],
  ["unused-provider-consent", { ...allowing({ namespaces: names("billing") }), clients: [client()] }, undefined],
  [
    "unused-provider-consent",
    { ...allowing({ namespaces: names("billing"), audiences: ["https://timesheets", "https://old"] }), apis: [api()] },
    /audiences https:\/\/old/,
  ],
  [
    "unused-provider-consent",
    { ...allowing({ namespaces: names("billing"), adopt: { clients: ["abc"] } }), clients: [client()] },
    /adopt\.clients abc/,
  ],
  [
    "unused-provider-consent",
    {
      ...allowing({
        namespaces: names("billing"),
        externalAudiences: [{ audience: "m", scopes: ["read:x", "read:y"] }],
      }),
      clients: [client()],
      grants: [grant({ apiRef: undefined, externalAudience: "m", scopes: ["read:x"] })],
    },
    /externalAudiences m: read:y\.$/,
  ],
  ["unused-api-consent", granting({ namespaces: names("payroll") }), /No ScopeGrant uses/],
  [
    "unused-api-consent",
    {
      ...granting({ namespaces: names("payroll"), scopes: ["read:x", "write:x"] }),
      grants: [grant({ apiRef: { name: "timesheets", namespace: "billing" } }, { namespace: "payroll" })],
    },
    /: write:x\.$/,
  ],
  [
    "unused-api-consent",
    {
      ...granting({ namespaces: names("payroll"), scopes: ["read:x"] }),
      grants: [grant({ apiRef: { name: "timesheets", namespace: "billing" } }, { namespace: "payroll" })],
    },
    undefined,
  ],
  ["symmetric-signing", { apis: [api({ status: { signingAlgorithm: "HS256" } })] }, /HS256/],
  ["symmetric-signing", { apis: [api({ status: { signingAlgorithm: "RS256" } })] }, undefined],
  ["long-lifetime", { apis: [api({ status: { tokenLifetime: "24h1s" } })] }, /24h1s/],
  ["long-lifetime", { apis: [api({ status: { tokenLifetime: "24h" } })] }, undefined],
  ["all-scopes", { grants: [grant({ scopes: undefined, allScopes: true })] }, /every scope/],
  ["all-scopes", { grants: [grant()] }, undefined],
  ["unused-grant", { clients: [client()], grants: [grant()] }, /uses Secret importer\./],
  ["unused-grant", { clients: [client()], grants: [grant()], workloads: [pod(MOUNT, VOLUME)] }, undefined],
  ["unused-grant", { grants: [grant()] }, undefined],
  ["overdue-rotation", { clients: [client({ rotation: { every: "24h" } })] }, /every is 24h/],
  ["overdue-rotation", { clients: [client({ rotation: { every: "720h" } })] }, undefined],
  ["no-rotation", { clients: [client()] }, /nothing rotates it/],
  ["no-rotation", { clients: [client({ rotation: { every: "720h" } })] }, undefined],
  ["no-rotation", { clients: [client({ authentication: { privateKeyJwt: { publicKeys: [] } } })] }, undefined],
  ["no-fallback", reader(ENV("client_secret")), /Pod importer-1/],
  ["no-fallback", reader(MOUNT, VOLUME), /Pod importer-1/],
  ["no-fallback", reader({ env: [...ENV("client_secret").env, ...ENV("next_client_secret").env] }), undefined],
  ["no-fallback", reader({ envFrom: [{ secretRef: { name: "importer" } }] }), undefined],
  ["no-fallback", reader({ volumeMounts: [{ name: "v" }] }, VOLUME), undefined],
  ["no-fallback", reader(ENV("OAUTH_CLIENT_SECRET"), {}, { secret: { keyStyle: "Env", keyPrefix: "OAUTH_" } }), /Pod/],
  [
    "no-fallback",
    reader(
      ENV("password"),
      {},
      { secret: { keyStyle: "None", template: { data: { password: "{{ client_secret }}" } } } },
    ),
    /Pod/,
  ],
  ["no-fallback", { ...reader(ENV("client_secret")), providers: [OKTA] }, undefined],
  ["no-alerts", { operators: [operator("1.0.0")] }, /No PrometheusRule/],
  ["no-alerts", { operators: [operator("1.0.0")], hasAlerts: true }, undefined],
  [
    "crd-version",
    { operators: [operator("1.0.0")], definitions: [crd("0.9.0")] },
    /of version 0\.9\.0\. The operator is of version 1\.0\.0/,
  ],
  ["crd-version", { operators: [operator("1.0.0")], definitions: [crd(undefined)] }, /has no version/],
  ["crd-version", { operators: [operator("1.0.0")], definitions: [crd("1.0.0")] }, undefined],
  ["plugin-version", { operators: [operator("1.1.0")] }, /this plugin of version 1\.0\.0/],
  ["plugin-version", { operators: [operator("1.0.0")] }, undefined],
];

it.each(CASES)("%s, case %#", (check, facts, expected) => {
  const findings = found(check, { ...NOTHING, namespaces: NAMESPACES, ...facts });
  if (expected === undefined) expect(findings).toEqual([]);
  else expect(findings).toEqual([expect.stringMatching(expected)]);
});

/** Their cases are in secrets.test.ts. */
const ELSEWHERE = ["readable-secret", "secret-binding"];

it("every check has a case with a finding and one without", () => {
  for (const { name } of CHECKS.filter((check) => !ELSEWHERE.includes(check.name))) {
    const expected = CASES.filter(([check]) => check === name).map(([, , text]) => text !== undefined);
    expect([name, expected.includes(true), expected.includes(false)]).toEqual([name, true, true]);
  }
});
