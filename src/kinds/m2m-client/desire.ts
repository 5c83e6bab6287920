import { type Owner, ownerOf } from "../../ownership/owner.ts";
import { publicKeyOf, UnusableKeyError } from "./credential/public-key.ts";
import { ANNOTATIONS } from "../schema/annotations.ts";
import { durationMs } from "../schema/duration.ts";
import { keyTypeFor, nameOfKeyType } from "../../ports/signing-algorithms.ts";
import type { Desired, WantedClient, WantedKey, WantedKeys, WantedServiceAccount } from "./model.ts";
import type { M2MClient } from "./schema.ts";
import { wantedRotation } from "./rotation/desire.ts";

const DEFAULT_PRUNE_AFTER_MS = 3_600_000;

/** The wish that a resource expresses, with the defaults that do not depend on the provider filled in. */
export function desire(resource: M2MClient, instance: string, sha256: (text: string) => string, now: Date): Desired {
  const { metadata, spec } = resource;
  const owner: Owner = ownerOf(resource, instance, sha256);
  const { policy = "Report", after } = spec.unmanagedGrants ?? {};
  return {
    isAbsent: metadata.deletionTimestamp !== undefined,
    isPaused: metadata.annotations?.[ANNOTATIONS.paused] === "true",
    rotation: wantedRotation(resource, sha256, now),
    deletionPolicy: spec.deletionPolicy,
    isAdopting: spec.adopt === true,
    clientId: spec.clientId,
    owner,
    names: { namespace: metadata.namespace ?? "", name: metadata.name },
    spec: wantedOf(resource),
    keys: keysOf(resource),
    serviceAccount: serviceAccountOf(resource),
    defaultOrganization: spec.defaultOrganization,
    prunesAfterMs: policy === "Prune" ? (after === undefined ? DEFAULT_PRUNE_AFTER_MS : durationMs(after)) : undefined,
    owns: {
      displayName: spec.displayName !== undefined,
      description: spec.description !== undefined,
      metadata: spec.metadata !== undefined,
      authenticationMethod: spec.authentication?.method !== undefined,
      isEnabled: spec.enabled !== undefined,
    },
  };
}

function wantedOf({ metadata, spec }: M2MClient): WantedClient {
  const { perHour, perDay, enforce } = spec.tokenQuota ?? {};
  return {
    displayName: spec.displayName ?? metadata.name,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    metadata: spec.metadata ?? {},
    ...(spec.authentication?.method === undefined ? {} : { authenticationMethod: spec.authentication.method }),
    ...(spec.tokenQuota === undefined
      ? {}
      : {
          tokenQuota: {
            ...(perHour === undefined ? {} : { perHour }),
            ...(perDay === undefined ? {} : { perDay }),
            enforce: enforce ?? true,
          },
        }),
    isEnabled: spec.enabled ?? true,
  };
}

/** Always of the resource's own namespace: anyone who may create the resource may mostly run Pods there too. */
function serviceAccountOf({ metadata: { namespace = "" }, spec }: M2MClient): WantedServiceAccount | undefined {
  const { name } = spec.authentication?.serviceAccount ?? {};
  return name === undefined ? undefined : { namespace, name, subject: `system:serviceaccount:${namespace}:${name}` };
}

/** The user's keys by their names; `problem` names the first that cannot be used. */
function keysOf({ spec }: M2MClient): WantedKeys {
  const { algorithm, publicKeys } = spec.authentication?.privateKeyJwt ?? {};
  const base = algorithm === undefined ? {} : { algorithm };
  if (publicKeys === undefined) return base;
  const read: WantedKey[] = [];
  for (const [index, { pem }] of publicKeys.entries())
    try {
      read.push(keyFor(algorithm, pem));
    } catch (error) {
      const why = error instanceof Error ? error.message : "it cannot be read";
      return {
        ...base,
        problem: `spec.authentication.privateKeyJwt.publicKeys[${String(index)}].pem: ${why}. Replace it by a key in PEM (-----BEGIN PUBLIC KEY-----) that fits.`,
      };
    }
  return { ...base, publicKeys: read };
}

/** Throws for what is no key, and for a key that cannot sign with the algorithm that the spec names. */
function keyFor(algorithm: string | undefined, pem: string): WantedKey {
  const key = publicKeyOf(pem);
  const needed = algorithm === undefined ? key.type : keyTypeFor(algorithm);
  if (key.type === needed) return key;
  throw new UnusableKeyError(`it is ${nameOfKeyType(key.type)}, and ${algorithm ?? ""} needs ${nameOfKeyType(needed)}`);
}

/** The published Secret's name: the resource's own unless the spec names another. */
export function secretNameOf(resource: M2MClient): string {
  return resource.spec.secret?.name ?? resource.metadata.name;
}
