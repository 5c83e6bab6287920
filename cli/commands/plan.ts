import { type Command, Option } from "commander";
import { PREVIEWED_KINDS } from "../../src/kinds/change-preview/schema.ts";
import { durationMs } from "../../src/kinds/schema/duration.ts";
import { type ApplyOptions, appliedObjects } from "../cluster/dry-run.ts";
import { targetOf } from "../cluster/kinds.ts";
import { previewOf } from "../cluster/previews.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { changesOf, objectsIn } from "../plan/documents.ts";
import { planMarkdown } from "../plan/markdown.ts";
import { type NamespacePlan, type Plan, planOf, wholePlan } from "../plan/result.ts";
import { planText } from "../plan/text.ts";
import { document } from "../terminal/formats.ts";
import { onCluster, type Services, type Session } from "./services.ts";
import { timeoutMs } from "./wait-options.ts";

interface PlanOptions extends ApplyOptions {
  readonly delete?: readonly string[];
  readonly timeout: number;
  readonly output: "text" | "markdown" | "json" | "yaml";
}

const EXIT_OF: Readonly<Record<Plan["outcome"], ExitCode>> = {
  NoChanges: EXIT.done,
  Changes: EXIT.changes,
  Refused: EXIT.refused,
};

/** `plan`: what applying manifests would do, as the operator itself says. */
export function addPlanCommand(program: Command, services: Services): void {
  program
    .command("plan")
    .summary("Show what applying manifests would do")
    .description(
      "Shows what the operator would do if you applied manifests: every request to the tenant and every Secret, ConfigMap and status change, in order. Nothing is changed. kubectl apply --dry-run=server checks the manifests first. The operator previews OAuthApis, M2MClients and ScopeGrants.",
    )
    .option("-f, --filename <files...>", "Files or directories with manifests. - reads standard input.")
    .option("-k, --kustomize <dir>", "Directory with a kustomization, instead of -f.")
    .option("-R, --recursive", "Read the directories in -f with everything below them.")
    .option("--delete <kind/name...>", "Resources that would be deleted.")
    .option("--server-side", "Preview kubectl apply --server-side.")
    .option("--field-manager <name>", "Field manager of the apply.")
    .option("--force-conflicts", "Preview an apply that overwrites fields of other managers. Only with --server-side.")
    .addOption(
      new Option("--timeout <duration>", "Maximum time to wait for the operator.")
        .argParser(timeoutMs)
        .default(durationMs("2m"), "2m"),
    )
    .addOption(
      new Option("-o, --output <format>", "Output format.")
        .choices(["text", "markdown", "json", "yaml"])
        .default("text"),
    )
    .exitOverride((error) => {
      // Its own exit codes say what a plan would change.
      if (error.exitCode === 0) throw error;
      throw new Failure("The command line is wrong.", "Read kubectl m2m plan --help.");
    })
    .action(onCluster<PlanOptions>(services, showPlan));
}

async function showPlan({ cluster, terminal }: Session, options: PlanOptions): Promise<ExitCode> {
  const { filename = [], kustomize, delete: deleted = [] } = options;
  const reads = filename.length > 0 || kustomize !== undefined;
  if (!reads && deleted.length === 0)
    throw new Failure("Nothing says what to preview.", "Name manifests with -f or -k, or resources with --delete.");
  if (filename.length > 0 && kustomize !== undefined) throw new Failure("-f and -k exclude each other.");
  const objects = reads ? objectsIn(await appliedObjects(options)) : [];
  const targets = deleted.map((text) => {
    const { definition, name } = targetOf(text, PREVIEWED_KINDS);
    return { kind: definition.kind, name };
  });
  const { changes, skipped } = changesOf(objects, targets, cluster.namespace);
  const plans: NamespacePlan[] = [];
  for (const change of changes) {
    const plan = planOf(await previewOf(cluster, change, options.timeout));
    if (typeof plan === "string") throw new Failure(`The operator made no preview: ${plan}`);
    plans.push(plan);
  }
  const whole = wholePlan(plans, skipped);
  terminal.print(textOf(whole, options.output, (style, part) => terminal.style(style, part)));
  if (skipped.length > 0) terminal.note(`Not previewed: ${skipped.join(", ")}.`);
  return EXIT_OF[whole.outcome];
}

function textOf(plan: Plan, format: PlanOptions["output"], paint: Parameters<typeof planText>[1]): string {
  if (format === "text") return planText(plan, paint);
  return format === "markdown" ? planMarkdown(plan) : document(plan, format);
}
