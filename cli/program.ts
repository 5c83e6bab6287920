import { Command } from "commander";
import { OPERATOR_VERSION } from "../src/version.ts";
import { addConfirmCommands } from "./commands/confirm.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addExportCommand } from "./commands/export.ts";
import { addForceDeleteCommand } from "./commands/force-delete.ts";
import { addMapCommand } from "./commands/map.ts";
import { addPlanCommand } from "./commands/plan.ts";
import { addReconcileCommands } from "./commands/reconcile.ts";
import { addRotationCommands } from "./commands/rotate.ts";
import { addStatusCommand } from "./commands/status.ts";
import { addTokenCommand } from "./commands/token.ts";
import { addVerifyCommand } from "./commands/verify.ts";
import type { Services } from "./commands/services.ts";

/** The name under which people call it. */
export const PROGRAM = "kubectl m2m";

/** Every command of the plugin, in the order of the help. */
export function createProgram(services: Services): Command {
  const program = new Command(PROGRAM)
    .description("Work with the resources of m2m-operator: APIs, clients, grants and providers.")
    .version(OPERATOR_VERSION, "--version", "Print the version.")
    .helpOption("-h, --help", "Print the help.")
    .helpCommand("help [command]", "Print the help of a command.")
    .option("-n, --namespace <namespace>", "Namespace. Default: that of the context.")
    .option("--context <context>", "Context of the kubeconfig. Default: the current one.")
    .option("--kubeconfig <file>", "Path of the kubeconfig. Default: KUBECONFIG, else ~/.kube/config.")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  addStatusCommand(program, services);
  addDoctorCommand(program, services);
  addMapCommand(program, services);
  addPlanCommand(program, services);
  addTokenCommand(program, services);
  addVerifyCommand(program, services);
  addRotationCommands(program, services);
  addReconcileCommands(program, services);
  addConfirmCommands(program, services);
  addForceDeleteCommand(program, services);
  addExportCommand(program, services);
  return program;
}
