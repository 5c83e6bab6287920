import { type Command, Option } from "commander";
import { gatherFacts } from "../cluster/facts.ts";
import { targetOf } from "../cluster/kinds.ts";
import type { ClusterOptions } from "../cluster/open.ts";
import { SEVERITIES, type Severity } from "../doctor/check.ts";
import { examine, isFailing, type Report } from "../doctor/examine.ts";
import type { Facts } from "../doctor/facts.ts";
import { factsOfProvider } from "../doctor/of-provider.ts";
import { COLUMNS, reportText, rowsOf } from "../doctor/print.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { document } from "../terminal/formats.ts";
import { tableText } from "../terminal/table.ts";
import { onCluster, type Services, type Session } from "./services.ts";

type DoctorFormat = "text" | "table" | "json" | "yaml";

interface DoctorOptions extends ClusterOptions {
  readonly provider?: string;
  readonly failOn: Severity;
  readonly showDismissed?: boolean;
  readonly output: DoctorFormat;
}

const FORMATS: readonly DoctorFormat[] = ["text", "table", "json", "yaml"];

/** `doctor`: what to correct before production. */
export function addDoctorCommand(program: Command, services: Services): void {
  program
    .command("doctor")
    .summary("Check the whole setup before production")
    .description(
      "Checks providers, APIs, clients, grants, workloads, roles and the installation. Each finding has a severity, a reason and what to do. Without -n it checks every namespace, or the namespace of the context if you may not list all of them. It says what it could not check.",
    )
    .option(
      "--provider <provider>",
      "Check only this provider object, and the resources that use it: NAME or KIND/NAME.",
    )
    .addOption(
      new Option("--fail-on <severity>", "Lowest severity with which the exit code is 3.")
        .choices(SEVERITIES)
        .default("error"),
    )
    .option("--show-dismissed", "Also show dismissed findings, with the reason.")
    .addOption(new Option("-o, --output <format>", "Output format.").choices(FORMATS).default("text"))
    .action(onCluster<DoctorOptions>(services, doctor));
}

async function doctor(session: Session, options: DoctorOptions): Promise<ExitCode> {
  const reach = { now: session.now(), isChosen: options.namespace !== undefined };
  const facts = await gatherFacts(session.cluster, reach);
  const report = examine(options.provider === undefined ? facts : narrowed(facts, options.provider));
  show(session, report, options);
  return isFailing(report, options.failOn) ? EXIT.notReady : EXIT.done;
}

function narrowed(facts: Facts, text: string): Facts {
  const { definition, name } = targetOf(text, ["ClusterIdentityProvider", "IdentityProvider"]);
  const found = facts.providers.filter(({ kind, metadata }) => kind === definition.kind && metadata.name === name);
  const [provider, other] = found;
  if (provider === undefined)
    throw new Failure(
      `${definition.kind} ${name} was not found among the provider objects that you may read.`,
      "List them: kubectl get clusteridentityproviders,identityproviders -A.",
    );
  if (other !== undefined)
    throw new Failure(`${definition.kind} ${name} exists in several namespaces.`, "Choose one with -n.");
  return factsOfProvider(facts, provider);
}

function show({ terminal }: Session, { findings, notChecked }: Report, options: DoctorOptions): void {
  const { output, showDismissed } = options;
  const shown = showDismissed === true ? findings : findings.filter(({ dismissed }) => dismissed === undefined);
  if (output === "json" || output === "yaml") {
    terminal.print(document({ findings: shown, notChecked, dismissed: findings.length - openOf(findings) }, output));
    return;
  }
  terminal.print(
    output === "table"
      ? tableText(COLUMNS, rowsOf(shown))
      : reportText(findings, shown, (style, part) => terminal.style(style, part)),
  );
  for (const note of notChecked) terminal.note(note);
}

const openOf = (findings: Report["findings"]): number =>
  findings.filter(({ dismissed }) => dismissed === undefined).length;
