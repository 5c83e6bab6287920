import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Command, Option } from "commander";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import {
  countsText,
  type Export,
  exportOf,
  filesOf,
  listText,
  type Origin,
  plainText,
  streamText,
} from "../export/index.ts";
import { namespaceChoice } from "../export/namespaces.ts";
import { usage } from "../failure.ts";
import { readSource, type SourceOptions } from "./export-source.ts";
import { onCluster, type Services, type Session } from "./services.ts";
import { textOfFile } from "./file-option.ts";
import { withTenant } from "./tenant-options.ts";

interface ExportOptions extends SourceOptions {
  readonly namespaceBy: readonly string[];
  readonly output: "yaml" | "json";
  readonly to?: string;
}

const listed = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** `export`: a tenant that people made by hand, as manifests that adopt it. */
export function addExportCommand(program: Command, services: Services): void {
  withTenant(program.command("export"), 'Provider whose tenant to export. Default: "default".')
    .summary("Write the APIs, clients and grants of a tenant as manifests")
    .description(
      "Writes the APIs, machine clients and grants of a tenant as manifests that adopt them. Also writes the provider object, with the rules in spec.allow that the adoption needs. Changes nothing at the tenant and in the cluster. Comments at the top, and standard error, name what the manifests cannot express, with exit code 4 then. Only counts clients that people log in through.",
    )
    .option(
      "--from-deploy-cli <file>",
      "Read tenant.yaml of auth0-deploy-cli instead of the tenant. It needs AUTH0_EXPORT_IDENTIFIERS: true.",
    )
    .option("--from-terraform <file>", "Read the output of terraform show -json instead of the tenant.")
    .addOption(
      new Option(
        "--namespace-by <rule>",
        "Namespace of each resource. metadata:KEY: that metadata of the client. name:REGEXP: the first group in the display name. map:FILE: a YAML map of client IDs and audiences to namespaces. Repeatable. The first match wins. Default: the namespace of the command.",
      )
        .argParser(listed)
        .default([], "none"),
    )
    .addOption(
      new Option("--exclude <id>", "Leave out this client (client ID) or API (audience), with its grants. Repeatable.")
        .argParser(listed)
        .default([], "none"),
    )
    .option("--to <directory>", "Write one file per object and a kustomization.yaml into this directory.")
    .addOption(
      new Option("-o, --output <format>", "Output format. json has no comments.")
        .choices(["yaml", "json"])
        .default("yaml"),
    )
    .action(onCluster<ExportOptions>(services, runExport));
}

async function runExport(session: Session, options: ExportOptions): Promise<ExitCode> {
  const { cluster, terminal } = session;
  const namespaceOf = namespaceChoice(options.namespaceBy, cluster.namespace, (path) =>
    textOfFile("--namespace-by map", path),
  );
  if (options.to !== undefined && options.output === "json") throw usage("--to writes YAML only.");
  const { input, origin } = await readSource(session, options);
  if (input.provider.metadata.namespace !== undefined && options.namespaceBy.length > 0)
    throw usage(
      "--namespace-by needs a ClusterIdentityProvider.",
      "Resources of an IdentityProvider are in its namespace.",
    );
  const exported = exportOf({ ...input, namespaceOf }, (name) => name === cluster.namespace);
  if (options.to === undefined)
    terminal.print(options.output === "json" ? listText(exported) : streamText(exported, origin));
  else writeFiles(options.to, exported, origin);
  const beyond = exported.remarks.filter(({ kind }) => kind === "beyond");
  for (const { text } of exported.remarks) terminal.note(plainText(text));
  terminal.note(summaryText(exported, options.to, beyond.length));
  return beyond.length === 0 ? EXIT.done : EXIT.incomplete;
}

function writeFiles(directory: string, exported: Export, origin: Origin): void {
  for (const [path, text] of filesOf(exported, origin)) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    // What is the same is not touched.
    if (contentOf(file) !== text) writeFileSync(file, text);
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function summaryText(exported: Export, to: string | undefined, beyond: number): string {
  const where = to === undefined ? "" : ` in ${to}`;
  const rest =
    beyond === 0 ? "They say everything that was found." : `${String(beyond)} things are not in them: see above.`;
  return `${countsText(exported)}${where}. ${rest}`;
}
