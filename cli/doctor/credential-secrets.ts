import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import { CLUSTER_KIND } from "../../src/kinds/relations/provider-ref.ts";
import { stateSecretNameOf } from "../../src/kinds/state-secret/name.ts";
import type { Facts } from "./facts.ts";
import { grantsOf } from "./relations.ts";
import type { Subject } from "./subject.ts";

/** A Secret with a credential or a key. */
export interface CredentialSecret {
  /** The resource that it belongs to. */
  readonly of: Subject;
  readonly namespace: string;
  readonly name: string;
}

type Known = Pick<Facts, "apis" | "clients" | "grants" | "operators" | "providers">;

/** Secrets of clients, the operator's own credentials at its tenants, and keys that sign tokens. */
export function credentialSecrets(facts: Known): readonly CredentialSecret[] {
  const inside = (of: Subject, names: readonly (string | undefined)[]): readonly CredentialSecret[] =>
    names.flatMap((name) => (name === undefined ? [] : [{ of, name, namespace: of.metadata.namespace ?? "" }]));
  return [
    ...facts.clients.flatMap((client) => inside(client, secretsOf(facts, client))),
    ...facts.apis.flatMap((api) => inside(api, [api.spec.signingSecret?.name])),
    ...facts.providers.flatMap((of) => {
      const name = of.spec.credentialsSecretRef?.name;
      if (name === undefined || of.kind !== CLUSTER_KIND) return inside(of, [name]);
      return facts.operators.map(({ metadata }) => ({ of, name, namespace: metadata.namespace ?? "" }));
    }),
  ];
}

/** The state Secret is one of them. */
function secretsOf(facts: Known, client: M2MClient): readonly (string | undefined)[] {
  const { metadata, status } = client;
  const state = (status?.credentials ?? []).length === 0 ? undefined : stateSecretNameOf(metadata.name);
  return [status?.binding?.name, ...grantsOf(facts, client).map(({ spec }) => spec.secret?.name), state];
}
