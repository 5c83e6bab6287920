import type { Document } from "../demo/environment.ts";

const API_VERSION = "m2m-operator.io/v1alpha1";

/** 0 to `count` - 1. */
export const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** A resource of one namespace. */
export const documentIn = (namespace: string, kind: string, name: string, spec: Record<string, unknown>): Document => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name, namespace },
  spec,
});

/** The provider object that every resource uses by default, for all namespaces. `spec` says which tenant, and how fast. */
export const defaultProvider = (spec: Record<string, unknown>): Document => ({
  apiVersion: API_VERSION,
  kind: "ClusterIdentityProvider",
  metadata: { name: "default" },
  spec: { ...spec, allow: [{ namespaces: { from: "All" } }] },
});
