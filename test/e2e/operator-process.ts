import { type ChildProcess, spawn } from "node:child_process";
import { controlPlane } from "../integration/control-plane.ts";
import { operatorProgram } from "../integration/programs.ts";
import { rememberedProcess } from "../integration/running-operators.ts";
import type { World } from "./world.ts";

/**
 * The operator of this world in a process of its own, which a test can kill. It takes no Lease: a killed process would
 * leave one behind. `host`: of the tenant; default: the simulated one's.
 */
export function startOperatorProcess(
  { provider, systemNamespace, sandbox }: Pick<World, "provider" | "systemNamespace" | "sandbox">,
  {
    kubeconfig = controlPlane().operatorKubeconfigs.cluster,
    host = sandbox.auth0.domain,
    flags = [],
    nodeFlags = [],
  }: {
    readonly kubeconfig?: string;
    readonly host?: string;
    readonly flags?: readonly string[];
    readonly nodeFlags?: readonly string[];
  } = {},
): ChildProcess {
  const args = [
    ...["--instance-id", provider, "--namespace", systemNamespace, "--kubeconfig", kubeconfig],
    ...["--http-address", "127.0.0.1:0", "--leader-election", "false"],
    ...["--allowed-hosts", host, "--allow-private-addresses", "true"],
    ...flags,
  ];
  return rememberedProcess(spawn(process.execPath, [...nodeFlags, operatorProgram(), ...args], { stdio: "ignore" }));
}
