import type { Check, Hit } from "../check.ts";
import { type BindingFacts, type BoundSubject, isOperator, readsSecret } from "../bindings.ts";
import { credentialSecrets } from "../credential-secrets.ts";
import type { Facts } from "../facts.ts";

/** Subjects that may read a credential, as the API server says. */
export const readableSecret: Check = {
  name: "readable-secret",
  severity: "error",
  reports:
    "Too many may get a Secret with a credential: a group of all users or ServiceAccounts, or a Pod that does not use it. Asked with SubjectAccessReviews.",
  risk: "These users and programs can act as the client, or as the operator at the tenant.",
  todo: "Find the binding (kubectl auth can-i get secrets --as …), and limit its role to the Secrets that it needs.",
  needs: ["clients", "grants", "workloads", "readers"],
  find: (facts) =>
    credentialSecrets(facts).flatMap(({ of: on, name, namespace }): readonly Hit[] => {
      const subjects = facts.readers
        .filter((reader) => reader.namespace === namespace && reader.secret === name)
        .map(({ subject }) => subject);
      return subjects.length === 0
        ? []
        : [{ on, why: `Secret ${namespace}/${name} can be read by ${subjects.join(", ")}.` }];
    }),
};

/** Groups of everybody, or of every program. */
const WIDE_GROUP = /^system:(authenticated|unauthenticated|serviceaccounts(:.*)?)$/;

/** Bindings that let programs read a credential that they do not use. */
export const secretBinding: Check = {
  name: "secret-binding",
  severity: "warning",
  reports:
    "A binding lets too many read a Secret with a credential: a group of all users or ServiceAccounts, or one that does not use it. Bindings of `system:` and of kube-system, and those of the operator, do not count.",
  risk: "These users and programs can act as the client, or as the operator at the tenant.",
  todo: "Limit the role with resourceNames, or delete the binding. Dismiss the finding if the program must read every Secret.",
  needs: ["clients", "grants", "workloads", "bindings"],
  find: (facts) =>
    facts.bindings
      .filter(({ metadata, rules }) => !metadata.name.startsWith("system:") && !isOperator(rules))
      .flatMap((binding): readonly Hit[] => {
        const read = readSecrets(facts, binding);
        const [secret, ...others] = new Set(read.map((one) => one.secret));
        if (secret === undefined) return [];
        const more = others.length === 0 ? "" : ` and ${String(others.length)} more`;
        const who = [...new Set(read.map((one) => one.subject))].join(", ");
        return [{ on: binding, why: `It lets ${who} read Secret ${secret}${more}.` }];
      }),
};

interface Read {
  readonly secret: string;
  readonly subject: string;
}

function readSecrets(facts: Facts, { metadata, rules, subjects }: BindingFacts): readonly Read[] {
  return credentialSecrets(facts)
    .filter(({ namespace }) => metadata.namespace === undefined || metadata.namespace === namespace)
    .filter(({ name }) => readsSecret(rules, name))
    .flatMap(({ name, namespace }) =>
      subjects
        .filter((subject) => isUnexpected(facts, subject, namespace, name))
        .map((subject) => ({ secret: `${namespace}/${name}`, subject: textOf(subject) })),
    );
}

function isUnexpected({ workloads }: Facts, subject: BoundSubject, namespace: string, secret: string): boolean {
  if (subject.kind === "Group") return WIDE_GROUP.test(subject.name);
  if (subject.kind !== "ServiceAccount" || subject.namespace === "kube-system") return false;
  return !workloads.some(
    (workload) =>
      workload.namespace === namespace &&
      subject.namespace === namespace &&
      workload.serviceAccount === subject.name &&
      (workload.isOperator || workload.secrets.has(secret)),
  );
}

const textOf = ({ kind, namespace, name }: BoundSubject): string =>
  kind === "Group" ? `group ${name}` : `ServiceAccount ${namespace ?? ""}/${name}`;
