import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startControlPlane } from "../../control-plane/start.ts";
import { createAudit } from "./audit.ts";
import { admin } from "./cluster.ts";
import { bindWholeCluster, type OperatorMode, OPERATORS } from "./operator-access.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Of an administrator. */
    kubeconfig: string;
    /** Of the users that operators run as. */
    operatorKubeconfigs: Readonly<Record<OperatorMode, string>>;
  }
}

/** One real control plane for all files; namespaces keep tests apart. Operators hold the shipped roles, nothing else. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const audit = createAudit(Object.values(OPERATORS).map(({ user }) => user));
  const controlPlane = await startControlPlane({
    crds: join(import.meta.dirname, "../../crds"),
    apiServerFlags: { ...audit.flags, "enable-admission-plugins": "OwnerReferencesPermissionEnforcement" },
    controllers: ["clusterrole-aggregation-controller"],
    log: (line) => {
      console.log(line);
    },
  });
  const [cluster, namespaced] = await Promise.all(
    [OPERATORS.cluster, OPERATORS.namespaced].map(({ user }) => controlPlane.addUser(user, [])),
  );
  const administrator = admin(controlPlane.kubeconfig);
  await bindWholeCluster(administrator);
  await administrator.close();
  project.provide("kubeconfig", controlPlane.kubeconfig);
  project.provide("operatorKubeconfigs", {
    cluster: cluster?.kubeconfigPath ?? "",
    namespaced: namespaced?.kubeconfigPath ?? "",
  });
  return async () => {
    await controlPlane.stop();
    const { refused, unused } = await audit.judge(Object.values(OPERATORS));
    audit.remove();
    const problems = [
      ...refused.map((request) => `refused: ${request}`),
      ...((await ranWhole(project)) ? unused.map((permission) => `never used: ${permission}`) : []),
    ];
    if (problems.length > 0)
      throw new Error(`src/assembly/permissions.ts is not what the operator needs:\n${problems.join("\n")}`);
  };
}

/** Only a run of every test tells that a permission is not needed. */
async function ranWhole(project: TestProject): Promise<boolean> {
  const { testFiles } = await project.globTestFiles();
  const ran = project.vitest.state.getFiles().filter((file) => file.projectName === project.name);
  return project.config.testNamePattern === undefined && ran.length === testFiles.length;
}
