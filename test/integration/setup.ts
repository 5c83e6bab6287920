import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type Issuers, startIssuers } from "../../control-plane/issuers.ts";
import { startControlPlane } from "../../control-plane/start.ts";
import { createAudit } from "./audit.ts";
import { admin } from "./cluster.ts";
import type { ProvidedControlPlane } from "./control-plane.ts";
import { startKeycloakFor } from "./keycloak/setup.ts";
import { bindWholeCluster, OPERATORS } from "./operator-access.ts";
import { builtPrograms } from "./programs.ts";

/** Control planes collect garbage less often than Go does by itself: that took a fifth of an API server's time. */
const GOGC = "400";

/**
 * One real control plane for each worker, shared by its files; namespaces keep tests apart. Operators hold the shipped
 * roles, nothing else.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  process.env["GOGC"] ??= GOGC;
  const audit = createAudit(Object.values(OPERATORS).map(({ user }) => user));
  const workers = Array.from({ length: workersOf(project) }, (_each, index) => index);
  const issuers = await startIssuers();
  const [programs, keycloak, ...started] = await Promise.all([
    builtPrograms(),
    startKeycloakFor(project, [issuers.caPem]),
    ...workers.map((worker) => start(String(worker), issuers, audit.flagsOf(worker))),
  ]);
  project.provide("programs", programs);
  project.provide("keycloak", keycloak.provided);
  project.provide(
    "controlPlanes",
    started.map(({ provided }) => provided),
  );
  return async () => {
    await Promise.all([issuers.stop(), ...[keycloak, ...started].map(({ stop }) => stop())]);
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

/** No more of them than there are files in this run. */
function workersOf({ config, vitest }: TestProject): number {
  return Math.min(config.maxWorkers, vitest.state.getPaths().length);
}

async function start(
  cluster: string,
  issuers: Issuers,
  flags: Readonly<Record<string, string>>,
): Promise<{ readonly provided: ProvidedControlPlane; readonly stop: () => Promise<void> }> {
  const issuer = issuers.issuerOf(cluster);
  const controlPlane = await startControlPlane({
    crds: join(import.meta.dirname, "../../crds"),
    apiServerFlags: {
      ...flags,
      "enable-admission-plugins": "OwnerReferencesPermissionEnforcement",
      "service-account-issuer": issuer,
    },
    controllers: ["clusterrole-aggregation-controller"],
    log: (line) => {
      console.log(line);
    },
  });
  issuers.publish(cluster, await controlPlane.serviceAccountKeys());
  const [clusterUser, namespacedUser] = await Promise.all(
    [OPERATORS.cluster, OPERATORS.namespaced].map(({ user }) => controlPlane.addUser(user, [])),
  );
  const administrator = admin(controlPlane.kubeconfig);
  await bindWholeCluster(administrator);
  await administrator.close();
  return {
    provided: {
      kubeconfig: controlPlane.kubeconfig,
      operatorKubeconfigs: {
        cluster: clusterUser?.kubeconfigPath ?? "",
        namespaced: namespacedUser?.kubeconfigPath ?? "",
      },
      issuer,
    },
    stop: () => controlPlane.stop(),
  };
}

/** Only a run of every test tells that a permission is not needed. */
async function ranWhole(project: TestProject): Promise<boolean> {
  const { testFiles } = await project.globTestFiles();
  const ran = project.vitest.state.getFiles().filter((file) => file.projectName === project.name);
  return project.config.testNamePattern === undefined && ran.length === testFiles.length;
}
