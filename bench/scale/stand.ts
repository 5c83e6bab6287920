import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply, prepare } from "../../demo/environment.ts";
import type { Connection } from "../../src/kube/connection.ts";
import type { Row } from "../rows.ts";
import type { Audit } from "./audit.ts";
import { type Case, sizeOf } from "./cases.ts";
import { startCluster, SYSTEM_NAMESPACE } from "./cluster.ts";
import { providerOf } from "./documents.ts";
import { createMemoryLimit, type MemoryLimit } from "./memory-limit.ts";
import { type OperatorProcess, startOperatorProcess } from "./operator-process.ts";
import type { Readiness } from "./readiness.ts";
import { type SandboxProcess, startSandboxProcess } from "./sandbox-process.ts";

/** One case, set up: every party is a process of its own, and this one only applies, watches and measures. */
export interface Stand {
  readonly size: Case;
  readonly dir: string;
  /** As an administrator. */
  readonly connection: Connection;
  /** Of the user that the operator runs as. */
  readonly operatorKubeconfig: string;
  readonly sandbox: SandboxProcess;
  readonly audit: Audit;
  readonly readiness: Readiness;
  readonly limit: MemoryLimit;
  readonly bundle: string;
  readonly say: (line: string) => void;
  readonly row: (metric: string, value: number, unit: string, bound?: number) => Row;
  startOperator(): Promise<OperatorProcess>;
  /** Whether it was stopped, so that anyone who still waits for something gives up. */
  isOver(): boolean;
  /** Ends everything, also an operator that still runs. Files are kept for anyone who asks why something failed. */
  stop(keepFiles: boolean): Promise<void>;
}

/** `bundle` is the folder that main.js is in. */
export async function startStand(
  size: Case,
  { bundle, isWithoutLease }: { readonly bundle: string; readonly isWithoutLease: boolean },
  tell: (line: string) => void,
): Promise<Stand> {
  const say = (line: string): void => {
    tell(`scale, ${size.part}: ${line}`);
  };
  say("starting a control plane and simulated tenants …");
  const dir = mkdtempSync(join(tmpdir(), "m2m-scale-"));
  const cluster = await startCluster(dir, size.hasFloor, say);
  const { connection, operatorKubeconfig, audit, readiness } = cluster;
  const sandbox = await startSandboxProcess(dir);
  await sandbox.setLatency(size.latencyMs);
  await prepare(connection, sandbox);
  await apply(connection, providerOf(sandbox));
  const limit = createMemoryLimit();
  say(`memory limit ${limit.told}; files are in ${dir}`);
  const settings = {
    ...{ bundle, limit, logFile: join(dir, "operator.log") },
    flags: [
      ...["--instance-id", "bench", "--namespace", SYSTEM_NAMESPACE, "--kubeconfig", operatorKubeconfig],
      ...["--allowed-hosts", sandbox.auth0.domain, "--allow-private-addresses", "true"],
      ...["--leader-election", String(!isWithoutLease)],
    ],
  };
  let operator: OperatorProcess | undefined;
  let isOver = false;
  return {
    ...{ size, dir, connection, sandbox, audit, readiness, limit, bundle, say },
    operatorKubeconfig,
    row: (metric, value, unit, bound) => ({
      benchmark: "scale",
      subject: subjectOf(size),
      ...{ metric, value, unit },
      ...(bound === undefined ? {} : { bound }),
    }),
    startOperator: async () => {
      operator = await startOperatorProcess(settings);
      return operator;
    },
    isOver: () => isOver,
    stop: async (keepFiles) => {
      isOver = true;
      await operator?.stop();
      await sandbox.stop();
      await cluster.stop();
      limit.remove();
      if (!keepFiles) rmSync(dir, { recursive: true, force: true });
    },
  };
}

function subjectOf(size: Case): string {
  const what = size.apis === 0 ? "clients" : "resources";
  return `${String(sizeOf(size))} ${what}, ${String(size.latencyMs)} ms`;
}
