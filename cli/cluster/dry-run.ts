import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { Failure } from "../failure.ts";
import type { ClusterOptions } from "./open.ts";
import { forbiddenByText } from "./refusal.ts";

/** What `kubectl apply` is to read. */
export interface ApplyOptions extends ClusterOptions {
  readonly filename?: readonly string[];
  readonly kustomize?: string;
  readonly recursive?: boolean;
  readonly serverSide?: boolean;
  readonly fieldManager?: string;
  readonly forceConflicts?: boolean;
}

/** The objects as an apply would leave them, as JSON. kubectl and the API server decide; nothing is stored. */
export async function appliedObjects(options: ApplyOptions): Promise<string> {
  const child = spawn("kubectl", argumentsOf(options), { stdio: ["inherit", "pipe", "pipe"] });
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve(code ?? 1);
    });
  });
  const [code, out, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]).catch(() => {
    throw new Failure("kubectl could not be started.", "Install kubectl, and add its folder to PATH.");
  });
  if (code === 0) return out;
  const forbidden = forbiddenByText(errors);
  if (forbidden !== undefined) throw forbidden;
  throw new Failure(
    `The API server would not take the manifests:\n${errors.trim()}`,
    "Correct them. Nothing was applied. kubectl apply --dry-run=server shows the same.",
  );
}

function argumentsOf(options: ApplyOptions): readonly string[] {
  const { kubeconfig, context, namespace, filename = [], kustomize, fieldManager } = options;
  const given = (flag: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [flag, value];
  return [
    ...["apply", "--dry-run=server", "--output=json"],
    ...filename.flatMap((name) => ["--filename", name]),
    ...given("--kustomize", kustomize),
    ...given("--kubeconfig", kubeconfig),
    ...given("--context", context),
    ...given("--namespace", namespace),
    ...given("--field-manager", fieldManager),
    ...(options.recursive === true ? ["--recursive"] : []),
    ...(options.serverSide === true ? ["--server-side"] : []),
    ...(options.forceConflicts === true ? ["--force-conflicts"] : []),
  ];
}
