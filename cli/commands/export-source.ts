import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import { settingsOf } from "../../src/kinds/identity-provider/desire.ts";
import type { Inventory } from "../../src/ports/provider.ts";
import { PROVIDERS } from "../../src/providers/by-name.ts";
import { nameOf } from "../cluster/kinds.ts";
import type { ExportInput, Origin } from "../export/index.ts";
import { Failure, usage } from "../failure.ts";
import { tenantFailure } from "../tenant/failure.ts";
import { openTenant, type TenantChoice } from "../tenant/open.ts";
import type { Session } from "./services.ts";
import { tenantChoiceOf, type TenantOptions } from "./tenant-options.ts";

export interface SourceOptions extends TenantOptions {
  readonly fromDeployCli?: string;
  readonly fromTerraform?: string;
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
  const { resource, inventory, source } = await readTenant(session, choice);
  const { vendor } = settingsOf(resource);
  const declaration = PROVIDERS[vendor];
  if (declaration === undefined) throw new Failure(`This version of the plugin does not support ${vendor}.`);
  return {
    input: {
      ...{ inventory, provider: resource, vendor },
      ...{ capabilities: declaration.capabilities, section: declaration.apiSection },
    },
    origin: { source, loginClients: inventory.loginClients },
  };
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
