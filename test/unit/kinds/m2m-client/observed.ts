import { desire } from "../../../../src/kinds/m2m-client/desire.ts";
import type { Desired, Observed } from "../../../../src/kinds/m2m-client/model.ts";
import type { M2MClient } from "../../../../src/kinds/m2m-client/schema.ts";
import type { CredentialFacts } from "../../../../src/kinds/state-secret/facts.ts";
import type { ObservedClient, Ref } from "../../../../src/ports/provider.ts";
import { FACTS } from "../provider-facts.ts";

export const NOW = new Date("2026-01-01T00:00:00Z");
export const REF = "client-1" as Ref;

export const CLIENT: ObservedClient = {
  ...{ ref: REF, clientId: REF, displayName: "job", description: undefined, metadata: {} },
  ...{ authenticationMethod: "client_secret_post", mark: undefined, keyRefs: [] },
  secrets: [{ ref: undefined, fingerprint: "print" }],
  ...{ tokenQuota: undefined, defaultOrganization: undefined, isEnabled: true, isService: true },
  ...{ isServiceType: true, isSystem: false, readAt: NOW },
};

const life = { createdAt: NOW, isShown: false };
const common = { clientId: REF, createdAt: NOW.toISOString(), life };
export const SECRET: CredentialFacts = {
  ...{ ...common, kind: "secret", id: "s", registration: undefined },
  ...{ authenticationMethod: "client_secret_post", fingerprint: "print" },
};
export const KEY: CredentialFacts = {
  ...{ ...common, kind: "key", id: "k", registration: "cred" },
  ...{ authenticationMethod: "private_key_jwt", keyId: "thumb", algorithm: "RS256" },
};

/** What a resource with this spec asks for. */
export function desiredBy(spec: Partial<M2MClient["spec"]>, annotations: Record<string, string> = {}): Desired {
  const metadata = { name: "job", namespace: "team", uid: "u", resourceVersion: "1", annotations };
  const resource = { apiVersion: "m2m-operator.io/v1alpha1", kind: "M2MClient", metadata, spec };
  return desire(resource as M2MClient, "instance", () => "0".repeat(64), NOW);
}

/** A client of this resource that is there and whose Secret was written, whatever its state Secret holds. */
export function observedWith(change: Partial<Observed>): Observed {
  const record = { kind: "Secret", name: "job", uid: "s", resourceVersion: "5", renderedFrom: "digest" } as const;
  return {
    ...{ hasFinalizer: true, provider: { state: "ready", facts: FACTS } },
    remote: { kind: "found", client: CLIENT, duplicates: [] },
    state: { ownership: "ours", name: "job.m2m-state", version: "u/1", current: SECRET },
    ...{ origin: "Made", adoption: { isAllowed: false, sharesCredential: false }, registered: [] },
    rotation: {
      ...{ previouslyScheduledAt: undefined, isPublished: true, isAnnouncing: true },
      ...{ pods: { kind: "read", waiting: [] }, formerPods: { kind: "read", waiting: [] }, mayReadPods: true },
    },
    ...{ organization: undefined, unmanaged: [], areGrantsSettled: true, mayRecover: false },
    ...{ unverifiableBecause: undefined, isNamespaceTerminating: false, blocked: undefined, formerSecrets: [] },
    secret: {
      kind: "Secret",
      namespace: "billing",
      name: "job",
      field: "spec.secret.name",
      ownership: "ours",
      uid: "s",
      resourceVersion: "5",
      record,
      wanted: "digest",
    },
    verification: { credentialId: "s", audience: "a", result: "Verified", message: "", tries: 1, at: NOW },
    ...{
      verifiableAudience: "a",
      verifiableAt: NOW,
      abandonment: { mayAbandon: false, checkAt: NOW },
    },
    ...change,
  };
}
