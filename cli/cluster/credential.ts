import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import { CLUSTER_KIND, namedProvider } from "../../src/kinds/relations/provider-ref.ts";
import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import { Failure } from "../failure.ts";
import { type PublishedCredential, publishedCredential } from "../tokens/published.ts";
import { definitionOf, nameOf } from "./kinds.ts";
import { findResource } from "./objects.ts";
import type { OpenCluster } from "./open.ts";
import { readSecret } from "./secrets.ts";

/** The plugin does not support this Secret, which is as specified. */
export class NotSupported extends Failure {}

/** The credential in the Secret that the operator publishes for the client. Throws a Failure that says what to do. */
export async function readCredential(
  cluster: OpenCluster,
  client: M2MClient,
  ownKey?: string,
): Promise<PublishedCredential> {
  const { name: clientName, namespace = "" } = client.metadata;
  const name = client.status?.binding?.name;
  if (name === undefined)
    throw new Failure(
      `${nameOf(client.kind, client.metadata)} has no published Secret.`,
      `Read its condition: kubectl m2m status m2mc/${clientName} -n ${namespace}.`,
    );
  const data = await readSecret(cluster, namespace, name, "Wait for the operator.");
  const credential = publishedCredential(data, client.spec, ownKey);
  if (!("problem" in credential)) return credential;
  const { advice, isByDesign, problem } = credential;
  const message = `Secret ${namespace}/${name} cannot be used for a token. ${problem}`;
  throw isByDesign === true ? new NotSupported(message, advice) : new Failure(message, advice);
}

/** The certificate authorities of the client's provider object. `undefined` without any, or when it cannot be read. */
export async function caOf(cluster: OpenCluster, client: M2MClient): Promise<string | undefined> {
  const { kind, name } = namedProvider(client.spec.providerRef);
  const definition = definitionOf(kind === CLUSTER_KIND ? CLUSTER_KIND : "IdentityProvider");
  try {
    return (await findResource<ProviderResource>(cluster, { definition, name }))?.spec.caBundle;
  } catch {
    return undefined;
  }
}
