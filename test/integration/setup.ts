import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startControlPlane } from "../../control-plane/start.ts";

declare module "vitest" {
  interface ProvidedContext {
    kubeconfig: string;
  }
}

/** One real control plane for all files; namespaces keep tests apart. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const controlPlane = await startControlPlane({
    crds: join(import.meta.dirname, "../../crds"),
    log: (line) => {
      console.log(line);
    },
  });
  project.provide("kubeconfig", controlPlane.kubeconfig);
  return () => controlPlane.stop();
}
