import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import { settingsOf } from "../../src/kinds/identity-provider/desire.ts";
import type { Inventory } from "../../src/ports/provider.ts";
import { PROVIDERS } from "../../src/providers/by-name.ts";
import { basename } from "node:path";
import { nameOf } from "../cluster/kinds.ts";
import { readResource } from "../cluster/objects.ts";
import { readSecret } from "../cluster/secrets.ts";
import { excluding, type ExportInput, type Origin } from "../export/index.ts";
import { Failure, usage } from "../failure.ts";
import { fromDeployCli as parseDeployCli } from "../export/sources/deploy-cli.ts";
import type { FileContent } from "../export/sources/documents.ts";
import { fromTerraform as parseTerraform } from "../export/sources/terraform.ts";
import { tenantFailure } from "../tenant/failure.ts";
import { openTenant, type TenantChoice } from "../tenant/open.ts";
import type { Session } from "./services.ts";
import { textOfFile } from "./file-option.ts";
import { tenantChoiceOf, type TenantOptions } from "./tenant-options.ts";

export interface SourceOptions extends TenantOptions {
  readonly fromDeployCli?: string;
  readonly fromTerraform?: string;
  readonly exclude: readonly string[];
}

interface Source {
  readonly input: Omit<ExportInput, "namespaceOf">;
  readonly origin: Origin;
}

/** Reads the tenant, or the file in place of it. Throws a Failure that says what to do. */
export async function readSource(session: Session, options: SourceOptions): Promise<Source> {
  if (options.fromDeployCli !== undefined && options.fromTerraform !== undefined)
    throw usage("--from-deploy-cli and --from-terraform exclude each other.");
  const choice = tenantChoiceOf(options, options.provider ?? "default");
  const file = fileOf(options);
  const { resource, source, ...read } =
    file === undefined ? await readTenant(session, choice) : await readFileSource(session, choice, file);
  const { inventory, excluded } = excluding(read.inventory, options.exclude);
  const { vendor } = settingsOf(resource);
  const declaration = PROVIDERS[vendor];
  if (declaration === undefined) throw new Failure(`This version of the plugin does not support ${vendor}.`);
  return {
    input: {
      ...{ inventory, provider: resource, vendor },
      ...{ capabilities: declaration.capabilities, section: declaration.apiSection },
    },
    origin: { source, loginClients: inventory.loginClients, excluded },
  };
}

interface SourceFile {
  readonly path: string;
  readonly option: string;
  /** The vendor whose tenants the tool knows; `undefined`: of every vendor. */
  readonly vendor: string | undefined;
  readonly parse: (text: string, vendor: string) => FileContent;
}

function fileOf({ fromDeployCli: deployCli, fromTerraform: terraform }: SourceOptions): SourceFile | undefined {
  if (deployCli !== undefined)
    return { path: deployCli, option: "--from-deploy-cli", vendor: "auth0", parse: parseDeployCli };
  if (terraform === undefined) return undefined;
  return { path: terraform, option: "--from-terraform", vendor: undefined, parse: parseTerraform };
}

/** The tenant is not asked. */
async function readFileSource(
  { cluster, terminal }: Session,
  choice: TenantChoice,
  { path, option, vendor: only, parse }: SourceFile,
): Promise<Read> {
  const resource = await readResource<ProviderResource>(cluster, choice.target);
  const { vendor } = settingsOf(resource);
  if (only !== undefined && only !== vendor)
    throw usage(
      `${option} needs a provider with spec.${only}. ${nameOf(resource.kind, resource.metadata)} has spec.${vendor}.`,
    );
  const { documents, missing } = parse(textOfFile(option, path), vendor);
  const ownClientId = await ownClientIdOf(cluster, resource, choice.operatorNamespace);
  if (ownClientId === undefined)
    terminal.note(
      "The operator's own client ID is not known, because no credentials Secret can be read, so the export may contain the operator's own client. Remove it.",
    );
  const module = await PROVIDERS[vendor]?.load();
  if (module?.inventoryOf === undefined) throw usage(`${option} does not support ${vendor}.`);
  const inventory = module.inventoryOf(documents as never, { ownClientId, areKeysShown: false } as never);
  return {
    ...{ resource, source: `the file ${basename(path)}` },
    inventory: { ...inventory, unreadable: [...inventory.unreadable, ...missing, ...unsaidOrganizations(inventory)] },
  };
}

/** The files do not have the links of grants to organizations. */
const unsaidOrganizations = ({ grants }: Inventory): readonly string[] =>
  grants
    .filter(({ organizations: { usage, any, ids } }) => usage !== "Deny" && !any && ids === undefined)
    .map(({ client, audience }) => `organizations of the grant of client ${client} for ${audience}`);

/** `undefined` where no Secret is named, or the user may not read it. An API token of Okta has no client. */
async function ownClientIdOf(
  cluster: Session["cluster"],
  { metadata, spec }: ProviderResource,
  operatorNamespace: string,
): Promise<string | undefined> {
  const name = spec.credentialsSecretRef?.name;
  if (name === undefined) return undefined;
  try {
    const secret = await readSecret(cluster, metadata.namespace ?? operatorNamespace, name, "");
    return secret["client_id"] ?? "";
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

interface Read {
  readonly resource: ProviderResource;
  readonly inventory: Inventory;
  /** For people. */
  readonly source: string;
}

async function readTenant({ cluster, terminal }: Session, choice: TenantChoice): Promise<Read> {
  const { resource, provider } = await openTenant(cluster, choice, (message) => {
    terminal.note(message);
  });
  try {
    const { missingPermissions } = await provider.probe();
    if (missingPermissions.length > 0)
      terminal.note(
        `The operator's credential lacks these permissions at the tenant: ${missingPermissions.join(", ")}.`,
      );
    return {
      resource,
      inventory: await provider.inventory(),
      source: `the ${provider.vendor} tenant ${provider.tenant}`,
    };
  } catch (error) {
    throw tenantFailure(error, nameOf(resource.kind, resource.metadata));
  } finally {
    provider.close();
  }
}
