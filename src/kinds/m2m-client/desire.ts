import { type Owner, ownerOf } from "../../ownership/owner.ts";
import type { Desired } from "./plan.ts";
import type { M2MClient } from "./schema.ts";

/** The wish that a resource expresses, with the defaults that do not depend on the provider filled in. */
export function desire(resource: M2MClient, instance: string, sha256: (text: string) => string): Desired {
  const { metadata, spec } = resource;
  const owner: Owner = ownerOf(resource, instance, sha256);
  return {
    isAbsent: metadata.deletionTimestamp !== undefined,
    isPaused: metadata.annotations?.["m2m-operator.io/paused"] === "true",
    deletionPolicy: spec.deletionPolicy ?? "Delete",
    owner,
    spec: {
      displayName: spec.displayName ?? metadata.name,
      ...(spec.description === undefined ? {} : { description: spec.description }),
      metadata: spec.metadata ?? {},
      ...(spec.authentication?.method === undefined ? {} : { authenticationMethod: spec.authentication.method }),
    },
    ownsMetadata: spec.metadata !== undefined,
    ownsDescription: spec.description !== undefined,
  };
}

/** The published Secret's name: the resource's own unless the spec names another. */
export function secretNameOf(resource: M2MClient): string {
  return resource.spec.secret?.name ?? resource.metadata.name;
}
