import type { Subject } from "./subject.ts";

/** A RoleBinding or ClusterRoleBinding, with the rules of its role. */
export interface BindingFacts extends Subject {
  readonly subjects: readonly BoundSubject[];
  readonly rules: readonly Rule[];
}

export interface BoundSubject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** A rule of a Role or ClusterRole. */
export interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs?: readonly string[];
}

const allows = (list: readonly string[] = [], ...words: readonly string[]): boolean =>
  list.includes("*") || words.some((word) => list.includes(word));

/** Whether the rules let somebody read this Secret of a namespace where they apply. */
export const readsSecret = (rules: readonly Rule[], secret: string): boolean =>
  rules.some(
    ({ apiGroups, resources, resourceNames = [], verbs }) =>
      allows(apiGroups, "") &&
      allows(resources, "secrets") &&
      allows(verbs, "get", "list", "watch") &&
      (resourceNames.length === 0 || resourceNames.includes(secret)),
  );

/** Whether these are the rules of the operator itself, which writes the status of clients. */
export const isOperator = (rules: readonly Rule[]): boolean =>
  rules.some(
    ({ apiGroups = [], resources = [] }) =>
      apiGroups.includes("m2m-operator.io") && resources.includes("m2mclients/status"),
  );
