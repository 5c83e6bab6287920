import type { NamespaceLabels } from "../../src/consent/namespace-rule.ts";
import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import type { OAuthApi } from "../../src/kinds/oauth-api/schema.ts";
import type { ScopeGrant } from "../../src/kinds/scope-grant/schema.ts";
import type { BindingFacts } from "./bindings.ts";
import type { Subject } from "./subject.ts";
import type { WorkloadFacts } from "./workload.ts";

/** Every kind of fact, and how notes call it. */
export const FACTS = {
  providers: "provider objects",
  apis: "OAuthApis",
  clients: "M2MClients",
  grants: "ScopeGrants",
  everyNamespace: "resources of other namespaces",
  namespaces: "labels of namespaces",
  workloads: "Pods and Pod templates",
  readers: "who may read Secrets",
  bindings: "roles and bindings",
  operator: "the operator's Deployment",
  definitions: "CRDs",
  alerts: "PrometheusRules",
} as const;

export type FactName = keyof typeof FACTS;

/** A fact that could not be read, and why. */
export interface Gap {
  readonly fact: FactName;
  readonly why: string;
}

/** A subject that may read a Secret, as the API server says. */
export interface Reader {
  readonly namespace: string;
  readonly secret: string;
  /** For people, for example `group system:authenticated`. */
  readonly subject: string;
}

/** An object whose version is compared. `undefined`: it does not tell. */
export interface Versioned extends Subject {
  readonly version: string | undefined;
}

/** What was read of the cluster at one moment. A fact with a gap is empty. */
export interface Facts {
  readonly now: Date;
  readonly pluginVersion: string;
  readonly providers: readonly ProviderResource[];
  readonly apis: readonly OAuthApi[];
  readonly clients: readonly M2MClient[];
  readonly grants: readonly ScopeGrant[];
  readonly namespaces: readonly NamespaceLabels[];
  readonly workloads: readonly WorkloadFacts[];
  readonly readers: readonly Reader[];
  readonly bindings: readonly BindingFacts[];
  readonly operators: readonly Versioned[];
  readonly definitions: readonly Versioned[];
  /** A PrometheusRule with alerts of the operator exists. */
  readonly hasAlerts: boolean;
  readonly gaps: readonly Gap[];
}
