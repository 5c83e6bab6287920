import type { SecretInputs } from "../../publication/inputs.ts";
import { renderGrantSecret } from "../../publication/render.ts";
import { inputsDigest } from "../../publication/inputs-digest.ts";
import type { Provider } from "../../ports/provider.ts";
import { ObjectChanged } from "../../ports/object-changed.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { KindContext } from "../kind-context.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import { MANAGED_LABELS, ownerReferenceOf, publishOutput } from "../outputs/write.ts";
import { grantLayoutOf } from "../outputs/layout.ts";
import { publishedGrant } from "../outputs/published-grant.ts";
import { credentialVersionOf, readCredential } from "../state-secret/read.ts";
import { type Peers, scopesOf } from "./peers.ts";
import type { Observed } from "./model.ts";
import type { PairObserved } from "./pair.ts";
import type { ScopeGrant } from "./schema.ts";

interface GrantSecret {
  readonly inputs: Omit<SecretInputs, "credential">;
  /** Stands for the credential. */
  readonly version: string;
  readonly client: M2MClient;
}

/** What was observed of the grant's two sides, and of what its pair has together. */
type GrantSides = { readonly peers: Peers } & Pick<Observed, "organizations" | "pair"> &
  Pick<PairObserved, "togetherGranted">;

/** What the Secret for this API alone is rendered from; `undefined` while the client has no credential. */
export async function gatherGrantSecret(
  context: Pick<KindContext, "fingerprint" | "memory" | "namespaces" | "resources" | "secrets">,
  provider: Provider,
  grant: ScopeGrant,
  { peers, organizations: { known }, pair, togetherGranted }: GrantSides,
): Promise<GrantSecret | undefined> {
  const { client } = peers;
  const clientId = client?.status?.clientId;
  if (client === undefined || clientId === undefined) return undefined;
  const version = await credentialVersionOf(context, client, clientId);
  const published = (await publishedGrant(context, provider, grant))?.entry;
  if (version === undefined || published === undefined) return undefined;
  const server = await provider.sharedMetadata();
  // Status is written after this Secret: what is granted now counts, not what was. A token has what the pair has.
  const own = scopesOf(context, grant, peers).granted;
  const scopes = [...new Set([...own, ...togetherGranted])].sort();
  const organizations = pair?.organizations?.ids ?? known.map(({ id }) => id);
  return {
    version,
    client,
    inputs: {
      clientId,
      domain: provider.domain,
      vendor: provider.vendor,
      server,
      assertionAudience: published.assertionAudience,
      grants: [{ ...published, scopes, ...(organizations.length === 0 ? {} : { organizations }) }],
      primary: grant.metadata.name,
      apis: {},
      layout: grantLayoutOf(client),
    },
  };
}

export async function publishGrantSecret(
  context: Pick<KindContext, "fingerprint" | "memory" | "namespaces" | "resources" | "secrets" | "sha256">,
  provider: Provider,
  grant: ScopeGrant,
  sides: GrantSides,
): Promise<void> {
  const { namespace = "", name } = grant.metadata;
  const gathered = await gatherGrantSecret(context, provider, grant, sides);
  const stored =
    gathered === undefined ? undefined : await readCredential(context, gathered.client, gathered.inputs.clientId);
  if (gathered === undefined || stored === undefined || grant.spec.secret === undefined)
    throw new ObjectChanged("What was to be published is gone.");
  const { credential, next, previous, version } = stored;
  const rendering = renderGrantSecret({ ...gathered.inputs, credential, next, previous }, name);
  if (rendering.kind === "invalid") throw new ProviderError("invalid", rendering.message);
  if (rendering.kind === "waiting") throw new ObjectChanged(`${rendering.names.join(", ")} is gone.`);
  const manifest = {
    namespace,
    name: grant.spec.secret.name,
    type: gathered.inputs.layout.type,
    labels: MANAGED_LABELS,
    annotations: {},
    owner: ownerReferenceOf(grant),
    data: rendering.data,
  };
  const digest = inputsDigest(gathered.inputs, version, (text) => context.sha256(text));
  await publishOutput(context, context.secrets, manifest, digest, version);
}
