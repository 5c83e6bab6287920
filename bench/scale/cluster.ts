import { join } from "node:path";
import { startControlPlane } from "../../control-plane/start.ts";
import { apply, ROOT } from "../../demo/environment.ts";
import { connect, type Connection } from "../../src/kube/connection.ts";
import { admin } from "../../test/integration/cluster.ts";
import { bindOwnNamespace, bindWholeCluster, OPERATORS } from "../../test/integration/operator-access.ts";
import { type Audit, createAudit } from "./audit.ts";
import { type Readiness, watchReadiness } from "./readiness.ts";

/** Of the operator, and of its credentials. */
export const SYSTEM_NAMESPACE = "m2m-system";

/** A control plane with the operator's own user, which records what that user asks for. */
export interface Cluster {
  /** As an administrator. */
  readonly connection: Connection;
  /** Of the user that the operator runs as. */
  readonly operatorKubeconfig: string;
  readonly audit: Audit;
  readonly readiness: Readiness;
  stop(): Promise<void>;
}

/** `withBodies` as in `createAudit`. */
export async function startCluster(dir: string, withBodies: boolean, say: (line: string) => void): Promise<Cluster> {
  const { user } = OPERATORS.cluster;
  const audit = createAudit(dir, user, withBodies);
  const controlPlane = await startControlPlane({
    crds: join(ROOT, "crds"),
    apiServerFlags: { ...audit.flags, "enable-admission-plugins": "OwnerReferencesPermissionEnforcement" },
    log: say,
  });
  const connection = connect({ kubeconfig: controlPlane.kubeconfig, timeoutMs: 60_000 });
  await apply(connection, { apiVersion: "v1", kind: "Namespace", metadata: { name: SYSTEM_NAMESPACE } });
  const cluster = admin(controlPlane.kubeconfig);
  await bindWholeCluster(cluster);
  await bindOwnNamespace(cluster, "cluster", SYSTEM_NAMESPACE);
  await cluster.close();
  const { kubeconfigPath } = await controlPlane.addUser(user, []);
  const readiness = await watchReadiness(connection);
  return {
    ...{ connection, operatorKubeconfig: kubeconfigPath, audit, readiness },
    stop: async () => {
      readiness.stop();
      await connection.close();
      await controlPlane.stop();
    },
  };
}
