import type { Resource } from "../ports/resource.ts";
import type { Verifications } from "./access/verifications.ts";
import type { SigningSecrets } from "./oauth-api/signing-secret.ts";
import { type Outputs, outputKeyOf } from "./outputs/write.ts";
import { nameOf } from "./relations/indexes.ts";
import type { RememberedStates } from "./state-secret/store.ts";
import { type RequestedReads, requestedReadKeyOf } from "./status/requested-read.ts";

/**
 * What this process knows beyond status: caches that may be lost at any time without harm. A fresh process learns it
 * again by reading. Each entry is forgotten with the object that it is about.
 */
export interface ProcessMemory {
  readonly outputs: Outputs;
  readonly states: RememberedStates;
  readonly signingSecrets: SigningSecrets;
  readonly requestedReads: RequestedReads;
  readonly verifications: Verifications;
}

export function createMemory(): ProcessMemory {
  return {
    outputs: new Map(),
    states: new Map(),
    signingSecrets: new Map(),
    requestedReads: new Map(),
    verifications: new Map(),
  };
}

/** A Secret or ConfigMap is gone. */
export function forgetObject(
  memory: ProcessMemory,
  kind: "Secret" | "ConfigMap",
  namespace: string,
  name: string,
): void {
  memory.outputs.delete(outputKeyOf(kind, namespace, name));
  if (kind === "ConfigMap") return;
  memory.states.delete(nameOf(namespace, name));
  memory.signingSecrets.delete(nameOf(namespace, name));
}

/** An object of one of our own kinds is gone. */
export function forgetResource({ requestedReads, verifications }: ProcessMemory, resource: Resource): void {
  requestedReads.delete(requestedReadKeyOf(resource));
  verifications.delete(resource.metadata.uid);
}
