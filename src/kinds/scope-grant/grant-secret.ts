import type { LayoutInputs, SecretInputs } from "../../publication/inputs.ts";
import { renderGrantSecret } from "../../publication/render.ts";
import { inputsDigest } from "../../publication/inputs-digest.ts";
import type { Provider, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { KindContext } from "../kind-context.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import { MANAGED_LABELS, ownerReferenceOf, publishOutput } from "../outputs.ts";
import { readCredential, stateVersionOf } from "../state-secret.ts";
import { type Peers, peersOf, scopesOf } from "./peers.ts";
import type { ScopeGrant } from "./schema.ts";

interface GrantSecret {
  readonly inputs: Omit<SecretInputs, "credential">;
  readonly stateVersion: string;
}

/** What the Secret for this API alone is rendered from; `undefined` while the client has no credential. */
export async function gatherGrantSecret(
  context: KindContext,
  provider: Provider,
  grant: ScopeGrant,
  peers: Peers,
): Promise<GrantSecret | undefined> {
  const { client, api } = peers;
  const { namespace = "", name } = grant.metadata;
  const clientId = client?.status?.clientId;
  const stateVersion = stateVersionOf(context, namespace, grant.spec.clientRef.name);
  if (client === undefined || api === undefined || clientId === undefined || stateVersion === undefined)
    return undefined;
  const server = await provider.metadata(api.status?.externalId as Ref | undefined);
  const { issuer, wellKnownUrl, tokenEndpoint, jwksUri } = server;
  const scopes = scopesOf(context, grant, api).granted;
  return {
    stateVersion,
    inputs: {
      clientId,
      domain: provider.domain,
      vendor: provider.vendor,
      server,
      grants: [{ name, audience: api.spec.audience, scopes, issuer, wellKnownUrl, tokenEndpoint, jwksUri }],
      primary: name,
      apis: {},
      layout: layoutOf(client),
    },
  };
}

/** The client's own style, so that a workload reads all its Secrets alike. */
function layoutOf({ spec }: M2MClient): LayoutInputs {
  const { type = "Opaque", keyStyle = "Snake", keyPrefix = "" } = spec.secret ?? {};
  return {
    type,
    // A client whose Secret is all template still gets plain keys here: there is no template for one API alone.
    keyStyle: keyStyle === "None" ? "Snake" : keyStyle,
    keyPrefix,
    template: { data: {}, labels: {}, annotations: {} },
  };
}

export async function publishGrantSecret(context: KindContext, provider: Provider, grant: ScopeGrant): Promise<void> {
  const { namespace = "", name } = grant.metadata;
  const gathered = await gatherGrantSecret(context, provider, grant, peersOf(context, grant));
  const stored = await readCredential(context, namespace, grant.spec.clientRef.name);
  if (gathered === undefined || stored === undefined || grant.spec.secret === undefined) return;
  const rendering = renderGrantSecret({ ...gathered.inputs, credential: stored.credential }, name);
  if (rendering.kind === "invalid") throw new ProviderError("invalid", rendering.message);
  if (rendering.kind === "waiting") return;
  const manifest = {
    namespace,
    name: grant.spec.secret.name,
    type: gathered.inputs.layout.type,
    labels: MANAGED_LABELS,
    annotations: {},
    owner: ownerReferenceOf(grant),
    data: rendering.data,
  };
  const digest = inputsDigest(gathered.inputs, stored.version, (text) => context.sha256(text));
  await publishOutput(context, context.secrets, manifest, digest);
}
