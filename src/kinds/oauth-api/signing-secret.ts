import { inputsDigest } from "../../publication/inputs-digest.ts";
import type { ObservedApi, Provider } from "../../ports/provider.ts";
import { ObjectChanged } from "../../ports/object-changed.ts";
import type { KindContext } from "../kind-context.ts";
import { MANAGED_LABELS, observeOutput, ownerReferenceOf, publishOutput } from "../outputs/write.ts";
import type { OutputView } from "../outputs/decide.ts";
import type { OAuthApi } from "./schema.ts";

const KEY = "signing_secret";

/** What the Secret holds beside the key. */
async function publicPart(provider: Provider, { spec }: OAuthApi, api: ObservedApi): Promise<Record<string, string>> {
  const { issuer } = await provider.metadata(api.ref);
  return { audience: spec.audience, issuer, signing_algorithm: api.tokens.signingAlgorithm ?? "" };
}

/** The key is compared by fingerprint; the Secret is read only when its version is not the one that was read last. */
export async function observeSigningSecret(
  context: Pick<KindContext, "fingerprint" | "memory" | "secrets" | "sha256">,
  provider: Provider,
  resource: OAuthApi,
  api: ObservedApi,
): Promise<OutputView | undefined> {
  const name = resource.spec.signingSecret?.name;
  if (name === undefined || api.signingSecretFingerprint === undefined) return undefined;
  const digest = await digestOf(context, provider, resource, api);
  const isCurrent = (await publishedFingerprint(context, resource, name)) === api.signingSecretFingerprint;
  const wanted = isCurrent ? digest : `not ${digest}`;
  return observeOutput(context, context.secrets, resource, name, wanted, resource.status?.outputs ?? []);
}

async function digestOf(
  context: Pick<KindContext, "sha256">,
  provider: Provider,
  resource: OAuthApi,
  api: ObservedApi,
) {
  return inputsDigest(await publicPart(provider, resource, api), "", (text) => context.sha256(text));
}

async function publishedFingerprint(
  context: Pick<KindContext, "fingerprint" | "memory" | "secrets">,
  { metadata }: OAuthApi,
  name: string,
): Promise<string | undefined> {
  const { namespace = "" } = metadata;
  const head = context.secrets.head(namespace, name);
  if (head === undefined) return undefined;
  const key = `${namespace}/${name}`;
  const remembered = context.memory.signingSecrets.get(key);
  if (remembered?.version === `${head.uid}/${head.resourceVersion}`) return remembered.fingerprint;
  const content = await context.secrets.read(namespace, name);
  if (content === undefined) return undefined;
  const value = content.data[KEY];
  const fingerprint = value === undefined ? undefined : context.fingerprint(value);
  // Deleted meanwhile: nobody would forget it.
  if (context.secrets.head(namespace, name) !== undefined)
    context.memory.signingSecrets.set(key, { version: `${content.uid}/${content.resourceVersion}`, fingerprint });
  return fingerprint;
}

export async function publishSigningSecret(
  context: Pick<KindContext, "memory" | "secrets" | "sha256">,
  provider: Provider,
  resource: OAuthApi,
  api: ObservedApi,
): Promise<void> {
  const { namespace = "" } = resource.metadata;
  const name = resource.spec.signingSecret?.name;
  const secret = await provider.apis.readSigningSecret(api.ref);
  if (name === undefined || secret === undefined) throw new ObjectChanged("The key that verifies tokens is gone.");
  const manifest = {
    namespace,
    name,
    type: "Opaque",
    labels: MANAGED_LABELS,
    annotations: {},
    owner: ownerReferenceOf(resource),
    data: { ...(await publicPart(provider, resource, api)), [KEY]: secret },
  };
  await publishOutput(context, context.secrets, manifest, await digestOf(context, provider, resource, api));
}
