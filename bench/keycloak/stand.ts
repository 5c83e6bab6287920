import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply, secretDocument } from "../../demo/environment.ts";
import { type KeycloakCall, type KeycloakProxy, startKeycloakProxy } from "../../keycloak/proxy.ts";
import { createRealm } from "../../keycloak/realm.ts";
import { startKeycloak } from "../../keycloak/start.ts";
import type { Connection } from "../../src/kube/connection.ts";
import type { Row } from "../rows.ts";
import { startCluster, SYSTEM_NAMESPACE } from "../scale/cluster.ts";
import { createMemoryLimit } from "../scale/memory-limit.ts";
import { type OperatorProcess, startOperatorProcess } from "../scale/operator-process.ts";
import type { Observed } from "../scale/rest.ts";
import { CREDENTIALS, NAMESPACE, providerOf } from "./documents.ts";

/** A cluster and an empty realm of a Keycloak that this benchmark started, with nothing between them yet. */
export interface Stand extends Observed {
  /** As an administrator. */
  readonly connection: Connection;
  /** The requests to Keycloak. */
  readonly sandbox: Pick<KeycloakProxy, "calls">;
  readonly row: (metric: string, value: number, unit: string, bound?: number) => Row;
  /** Writes a file for anyone who asks where a figure came from. */
  readonly keep: (name: string, calls: readonly KeycloakCall[]) => void;
  startOperator(): Promise<OperatorProcess>;
  isOver(): boolean;
  /** Ends everything, also an operator that still runs. */
  stop(keepFiles: boolean): Promise<void>;
}

/** `bundle` is the folder that main.js is in. */
export async function startStand(
  { bundle, isWithoutLease }: { readonly bundle: string; readonly isWithoutLease: boolean },
  tell: (line: string) => void,
): Promise<Stand> {
  const say = (line: string): void => {
    tell(`keycloak: ${line}`);
  };
  say("starting Keycloak …");
  const server = await startKeycloak({ log: say });
  const proxy = await startKeycloakProxy(server);
  const realm = await createRealm(server, { attributes: { frontendUrl: proxy.url } });
  say("starting a control plane …");
  const dir = mkdtempSync(join(tmpdir(), "m2m-bench-keycloak-"));
  const cluster = await startCluster(dir, false, say);
  const { connection, operatorKubeconfig, audit, readiness } = cluster;
  await apply(connection, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const credentials = { client_id: realm.clientId, client_secret: realm.clientSecret };
  await apply(connection, secretDocument(SYSTEM_NAMESPACE, CREDENTIALS, credentials));
  await apply(connection, providerOf(proxy, realm.name));
  const limit = createMemoryLimit();
  say(`memory limit ${limit.told}; files are in ${dir}`);
  const flags = [
    ...["--instance-id", "bench", "--namespace", SYSTEM_NAMESPACE, "--kubeconfig", operatorKubeconfig],
    ...["--allowed-hosts", new URL(proxy.url).host, "--allow-private-addresses", "true"],
    ...["--leader-election", String(!isWithoutLease)],
  ];
  let operator: OperatorProcess | undefined;
  let isOver = false;
  return {
    ...{ connection, audit, readiness, say, sandbox: proxy },
    row: (metric, value, unit, bound) => ({
      ...{ benchmark: "keycloak", subject: "m2m-operator", metric, value, unit },
      ...(bound === undefined ? {} : { bound }),
    }),
    keep: (name, calls) => {
      const lines = calls.map(({ n, method, path, status }) => `${JSON.stringify({ n, method, path, status })}\n`);
      writeFileSync(join(dir, name), lines.join(""));
    },
    startOperator: async () => {
      operator = await startOperatorProcess({ bundle, limit, flags, logFile: join(dir, "operator.log") });
      return operator;
    },
    isOver: () => isOver,
    stop: async (keepFiles) => {
      isOver = true;
      await operator?.stop();
      await cluster.stop();
      await proxy.close();
      await server.stop();
      limit.remove();
      if (!keepFiles) rmSync(dir, { recursive: true, force: true });
    },
  };
}
