import { inject } from "vitest";
import type { OperatorMode } from "./operator-access.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** One for each worker. */
    controlPlanes: readonly ProvidedControlPlane[];
  }
}

/** A running control plane with the CustomResourceDefinitions, as files of tests know it. */
export interface ProvidedControlPlane {
  /** Of an administrator. */
  readonly kubeconfig: string;
  /** Of the users that operators run as. */
  readonly operatorKubeconfigs: Readonly<Record<OperatorMode, string>>;
  /** `iss` of its service account tokens. Its discovery document can be read by anyone who trusts the authority of the run's issuers. */
  readonly issuer: string;
}

/**
 * The control plane of the worker that runs this file: its files have it one after the other, since the operators of two
 * would both work on every object of it.
 */
export function controlPlane(): ProvidedControlPlane {
  const worker = process.env["VITEST_POOL_ID"] ?? "";
  const provided = inject("controlPlanes")[Number(worker) - 1];
  if (provided === undefined) throw new Error(`there is no control plane for worker ${worker}`);
  return provided;
}
