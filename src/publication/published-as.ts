import type { ObjectHead, ObjectManifest } from "../ports/cluster.ts";

/** On every published object: the name under which the operator created it. A copy has the name of its original. */
export const PUBLISHED_AS = "m2m-operator.io/published-as";

/** Written in the same request as the object itself, so that a crash leaves none without it. */
export const withPublishedName = <M extends ObjectManifest>(manifest: M): M => ({
  ...manifest,
  annotations: { ...manifest.annotations, [PUBLISHED_AS]: manifest.name },
});

/** Whether the operator published it under this very name, and nobody copied it. */
export const isPublishedName = ({ annotations, name }: ObjectHead): boolean => annotations[PUBLISHED_AS] === name;
