import { expect, it } from "vitest";
import type { BindingFacts } from "../../../../cli/doctor/bindings.ts";
import { credentialSecrets } from "../../../../cli/doctor/credential-secrets.ts";
import { api, client, found, grant, NOTHING, pod, provider } from "./facts.ts";

const operators = [{ kind: "Deployment", metadata: { name: "op", namespace: "m2m-system" }, version: "1.0.0" }];

it("knows every Secret with a credential or a key", () => {
  const facts = {
    ...NOTHING,
    ...{ operators, providers: [provider()], clients: [client()], grants: [grant({ secret: { name: "reads" } })] },
    apis: [api({ spec: { signingSecret: { name: "signing" } } })],
  };
  expect(
    credentialSecrets(facts)
      .map(({ namespace, name }) => `${namespace}/${name}`)
      .sort(),
  ).toEqual([
    ...["billing/importer", "billing/importer.m2m-state", "billing/reads", "billing/signing", "m2m-system/auth0"],
  ]);
});

it("a provider object that names no Secret has none that somebody could read", () => {
  const spec = { keycloak: { url: "https://sso.example.com", realm: "machines" }, credentialsSecretRef: undefined };
  expect(credentialSecrets({ ...NOTHING, operators, providers: [provider({ spec })] })).toEqual([]);
});

it("readable-secret names the subjects that the API server allows", () => {
  const readers = [{ namespace: "billing", secret: "importer", subject: "group system:authenticated" }];
  expect(found("readable-secret", { clients: [client()], readers })).toEqual([
    "M2MClient importer: Secret billing/importer can be read by group system:authenticated.",
  ]);
  expect(found("readable-secret", { clients: [client()] })).toEqual([]);
});

const READS = [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }];
const account = { kind: "ServiceAccount", name: "ci", namespace: "billing" };
const binding = (fields: Partial<BindingFacts> = {}): BindingFacts => ({
  ...{
    kind: "RoleBinding",
    metadata: { name: "ci", namespace: "billing" },
    subjects: [account],
    rules: READS,
    ...fields,
  },
});
const bound = (fields: Partial<BindingFacts>, workloads = [pod({})]) =>
  found("secret-binding", { clients: [client()], bindings: [binding(fields)], workloads });

it("secret-binding names who can read what", () => {
  expect(bound({})).toEqual([
    "RoleBinding ci: It lets ServiceAccount billing/ci read Secret billing/importer and 1 more.",
  ]);
  expect(bound({ subjects: [{ kind: "Group", name: "system:authenticated" }] })[0]).toContain(
    "group system:authenticated",
  );
  expect(bound({ kind: "ClusterRoleBinding", metadata: { name: "ci" } })).toHaveLength(1);
  expect(bound({ rules: [{ ...READS[0], resourceNames: ["importer"] }] })[0]).toMatch(
    /read Secret billing\/importer\.$/,
  );
  expect(bound({ rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] })).toHaveLength(1);
});

const uses = { envFrom: [{ secretRef: { name: "importer" } }] };

it.each<[string, Partial<BindingFacts>, ReturnType<typeof pod>[]?]>([
  ["another namespace", { metadata: { name: "ci", namespace: "payroll" } }],
  ["another resource", { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] }],
  ["another API group", { rules: [{ apiGroups: ["apps"], resources: ["*"], verbs: ["get"] }] }],
  ["only writing", { rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["create"] }] }],
  ["other Secrets", { rules: [{ ...READS[0], resourceNames: ["other"] }] }],
  [
    "people",
    {
      subjects: [
        { kind: "User", name: "ann" },
        { kind: "Group", name: "team" },
      ],
    },
  ],
  ["kube-system", { subjects: [{ ...account, namespace: "kube-system" }] }],
  ["Kubernetes itself", { metadata: { name: "system:controller:x", namespace: "billing" } }],
  [
    "the operator",
    { rules: [...READS, { apiGroups: ["m2m-operator.io"], resources: ["m2mclients/status"], verbs: ["update"] }] },
  ],
  ["the operator's Pod", {}, [pod({ env: [{ name: "M2M_INSTANCE_ID" }] }, { serviceAccountName: "ci" })]],
  [
    "the program that uses the Secret",
    { rules: [{ ...READS[0], resourceNames: ["importer"] }] },
    [pod(uses, { serviceAccountName: "ci" })],
  ],
])("secret-binding does not report %s", (_, fields, workloads) => {
  expect(bound(fields, workloads)).toEqual([]);
});
