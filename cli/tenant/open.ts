import { settingsOf } from "../../src/kinds/identity-provider/desire.ts";
import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import type { Provider } from "../../src/ports/provider.ts";
import { nameOf, type Target } from "../cluster/kinds.ts";
import { readResource } from "../cluster/objects.ts";
import type { OpenCluster } from "../cluster/open.ts";
import { readSecret } from "../cluster/secrets.ts";
import { Failure } from "../failure.ts";
import { tenantFailure } from "./failure.ts";
import { type Reach, tenantFactory } from "./factory.ts";
import { readOnly } from "./read-only.ts";

export interface TenantChoice extends Reach {
  /** The ClusterIdentityProvider or IdentityProvider. */
  readonly target: Target;
  /** Certificate authorities in PEM, in place of `spec.caBundle`. */
  readonly ca: string | undefined;
}

/** A tenant that the plugin reads with the operator's credential. `close` ends its requests. */
export interface OpenTenant {
  readonly resource: ProviderResource;
  /** Writes throw. */
  readonly provider: Provider;
}

/**
 * Connects to the tenant of a provider object, with the credential that it names and the rights of the user. Makes no
 * request to the tenant. Throws a Failure that says what to do. Anyone who calls this closes the provider.
 */
export async function openTenant(
  cluster: OpenCluster,
  choice: TenantChoice,
  warn: (message: string) => void,
): Promise<OpenTenant> {
  const resource = await readResource<ProviderResource>(cluster, choice.target);
  const credentials = await readCredentials(cluster, resource, choice.operatorNamespace);
  const factory = tenantFactory(choice, process.env, warn);
  const settings = {
    ...settingsOf(resource),
    isReadOnly: true,
    ...(choice.ca === undefined ? {} : { caBundle: choice.ca }),
  };
  const data = credentials?.data ?? {};
  const problem = settings.usesServiceAccount === true ? undefined : await factory.problemOf(settings, data);
  if (problem !== undefined) throw new Failure(`Secret ${credentials?.name ?? "without a name"}: ${problem}`);
  try {
    const provider = readOnly(await factory.connect(settings, data));
    const close = (): void => {
      provider.close();
      factory.release();
    };
    return { resource, provider: { ...provider, close } };
  } catch (error) {
    throw tenantFailure(error, nameOf(resource.kind, resource.metadata));
  }
}

interface Credentials {
  /** `namespace/name` of the Secret. */
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}

/** `undefined` for a provider object that names no Secret. */
async function readCredentials(
  cluster: OpenCluster,
  { metadata, spec, kind }: ProviderResource,
  operatorNamespace: string,
): Promise<Credentials | undefined> {
  const namespace = metadata.namespace ?? operatorNamespace;
  const name = spec.credentialsSecretRef?.name;
  if (name === undefined) return undefined;
  const where = metadata.namespace === undefined ? " Use --operator-namespace if the operator runs elsewhere." : "";
  const advice = `${nameOf(kind, metadata)} names it in spec.credentialsSecretRef.${where}`;
  return { name: `${namespace}/${name}`, data: await readSecret(cluster, namespace, name, advice) };
}
