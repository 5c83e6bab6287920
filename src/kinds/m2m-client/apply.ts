import { renderClientSecret } from "../../publication/render.ts";
import type { Mark } from "../../ports/mark.ts";
import type { PublishedGrant } from "../../publication/inputs.ts";
import type { Provider, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { verifyCredential } from "./credential/verify-credential.ts";
import type { KindContext } from "../kind-context.ts";
import { MANAGED_LABELS, ownerReferenceOf, publishOutput, removeOutput } from "../outputs/write.ts";
import { connectedProvider, providerOf } from "../access/provider-observe.ts";
import { statusSoFar } from "../status/report.ts";
import { readCredential, stateSecretNameOf } from "../state-secret/read.ts";
import { applyRotation } from "./rotation/apply.ts";
import { applyCredential, storeCreated, withKeys } from "./credential/apply.ts";
import { secretNameOf } from "./desire.ts";
import type { Action, Desired } from "./model.ts";
import { digestOf, gatherPublication, type Publication } from "./publication/gather.ts";
import type { M2MClient } from "./schema.ts";
import { readState, removeState } from "../state-secret/store.ts";

/** Carries out one action. Each may be repeated after a crash. */
export async function apply(
  context: KindContext,
  resource: M2MClient,
  desired: Desired,
  action: Action,
): Promise<void> {
  switch (action.type) {
    case "addFinalizer":
      return context.resources.m2mClients.setFinalizer(resource, true);
    case "removeFinalizer":
      await removeState(context, resource);
      return context.resources.m2mClients.setFinalizer(resource, false);
    case "createClient":
      return createClient(context, resource, desired, action);
    case "updateClient":
      return updateClient(context, resource, desired, action);
    case "removeDuplicateClient":
    case "removeClient":
      return providerFor(context, resource).clients.remove(action.ref);
    case "removeUnmanagedGrant":
      return providerFor(context, resource).grants.remove(action.ref);
    case "storeCredential":
    case "replaceSecret":
    case "claimState":
    case "removeState":
    case "prepareKey":
    case "registerKey":
    case "registerPublicKeys":
      return applyCredential({ context, resource, desired, provider: providerFor(context, resource) }, action);
    case "prepareNext":
    case "registerNext":
    case "discardNext":
    case "noteAnnounced":
    case "promoteNext":
    case "switchToNext":
    case "notePublished":
    case "retirePrevious":
    case "forgetPrevious":
      return applyRotation({ context, resource, desired, provider: providerFor(context, resource) }, action);
    case "publishSecret":
      return publishSecret(context, resource);
    case "removeFormerSecret":
      return removeOutput(context, context.secrets, resource, action.name);
    case "verifyCredential":
      return verify(context, resource, action);
    case "releaseClient":
      return releaseClient(context, resource, action.ref);
    case "abandonClient":
      return context.events.record(
        resource,
        "Warning",
        "Orphaned",
        `Client ${resource.status?.clientId ?? "(unknown)"} stays at tenant ${resource.status?.tenant ?? "(unknown)"}: its provider is gone.`,
      );
  }
}

function providerFor(context: KindContext, resource: M2MClient): Provider {
  const { namespace = "" } = resource.metadata;
  return connectedProvider(context, { namespace, providerRef: resource.spec.providerRef });
}

/** Writes the note, creates, stores the credential: after a crash at any point the next look finds its way. */
async function createClient(
  context: KindContext,
  resource: M2MClient,
  desired: Desired,
  { spec, owner }: Extract<Action, { type: "createClient" }>,
): Promise<void> {
  const provider = providerFor(context, resource);
  const nonce = context.nonce();
  const { m2mClients } = context.resources;
  const pendingCreate = { key: nonce, nonce, at: context.now().toISOString() };
  const noted = await m2mClients.writeStatus(resource, { ...statusSoFar(resource, context.now()), pendingCreate });
  const mark: Mark = { ...owner, origin: "made", nonce };
  const part = { context, resource: noted, desired, provider };
  try {
    const created = await provider.clients.create(await withKeys(part, spec), mark);
    await storeCreated(part, spec.authenticationMethod, created);
  } catch (error) {
    if (error instanceof ProviderError && error.code !== "ambiguous") await clearNote(context, noted);
    throw error;
  }
}

/** Nothing was created: the next attempt need not wait for this one to come to light. */
async function clearNote(context: KindContext, noted: M2MClient): Promise<void> {
  const { pendingCreate: _done, ...status } = statusSoFar(noted, context.now());
  await context.resources.m2mClients.writeStatus(noted, status);
}

async function updateClient(
  context: KindContext,
  resource: M2MClient,
  desired: Desired,
  action: Extract<Action, { type: "updateClient" }>,
): Promise<void> {
  const { remark: origin } = action;
  const mark = origin === undefined ? {} : { mark: { ...desired.owner, origin, nonce: context.nonce() } };
  await providerFor(context, resource).clients.update(action.ref, { ...action.change, ...mark });
  if (origin === "adopted")
    context.events.record(resource, "Normal", "Adopted", `Client ${String(action.ref)} was taken over.`);
}

async function publishSecret(context: KindContext, resource: M2MClient): Promise<void> {
  const provider = providerFor(context, resource);
  const stored = await readCredential(context, resource);
  if (stored === undefined) return;
  const publication = await gatherPublication(context, provider, resource, stored.clientId);
  const { credential, next, previous, version } = stored;
  const rendering = renderClientSecret({ ...publication.inputs, credential, next, previous });
  if (rendering.kind === "invalid") throw new ProviderError("invalid", rendering.message);
  if (rendering.kind === "waiting") return;
  const { layout } = publication.inputs;
  const manifest = {
    namespace: resource.metadata.namespace ?? "",
    name: secretNameOf(resource),
    type: layout.type,
    labels: { ...layout.template.labels, ...MANAGED_LABELS },
    annotations: layout.template.annotations,
    owner: ownerReferenceOf(resource),
    data: rendering.data,
  };
  await publishOutput(context, context.secrets, manifest, digestOf(context, publication, version), version);
}

async function verify(
  context: KindContext,
  resource: M2MClient,
  { audience, attempt, which }: Extract<Action, { type: "verifyCredential" }>,
): Promise<void> {
  const provider = providerFor(context, resource);
  const stored = await readCredential(context, resource);
  const credential = which === "current" ? stored?.credential : (await readState(context, resource)).next;
  if (stored === undefined || credential === undefined) return;
  const publication = await gatherPublication(context, provider, resource, stored.clientId);
  const grant = verifiableGrant(publication, audience);
  if (grant === undefined) return;
  countVerification(context, resource);
  const api = await provider.apis.issuance({ ref: undefined, audience });
  const algorithm = api?.signingAlgorithm;
  const isShared = algorithm?.startsWith("HS") === true;
  const outcome = await verifyCredential(provider, {
    clientId: stored.clientId,
    credential,
    grant,
    algorithm,
    signingSecret: isShared && api !== undefined ? await provider.apis.readSigningSecret(api.ref) : undefined,
    organization: await organizationFor(provider, stored.clientId, grant),
    now: context.now(),
  });
  const verification = {
    credentialId: credential.id,
    audience,
    result: outcome.result,
    message: outcome.message,
    tries: attempt,
    at: context.now().toISOString(),
  };
  await context.resources.m2mClients.writeStatus(resource, { ...statusSoFar(resource, context.now()), verification });
}

/** The API in the flat keys, with all that its ScopeGrants give together. */
function verifiableGrant({ inputs }: Publication, audience: string): PublishedGrant | undefined {
  const grants = inputs.grants.filter((grant) => grant.audience === audience);
  const first = grants.find(({ name }) => name === inputs.primary) ?? grants[0];
  const same = grants.filter(({ issuer }) => issuer === first?.issuer);
  return first === undefined ? undefined : { ...first, scopes: [...new Set(same.flatMap(({ scopes }) => scopes))] };
}

/** Where one is required and the client has no default, the first that it is linked to. */
async function organizationFor(
  provider: Provider,
  clientId: string,
  { audience }: PublishedGrant,
): Promise<string | undefined> {
  if (provider.organizations === undefined) return undefined;
  const client = await provider.clients.findByClientId(clientId);
  if (client === undefined || client.defaultOrganization !== undefined) return undefined;
  const { usage, ids = [] } = (await provider.grants.find(client.ref, { ref: undefined, audience }, false))
    ?.organizations ?? { usage: "Deny" };
  return usage === "Require" ? ids[0] : undefined;
}

/** Only the last hour counts. */
function countVerification(context: KindContext, resource: M2MClient): void {
  const { namespace = "" } = resource.metadata;
  const uid = providerOf(context, { namespace, providerRef: resource.spec.providerRef })?.metadata.uid ?? "";
  const now = context.now().getTime();
  const recent = (context.memory.verifications.get(uid) ?? []).filter((at) => at > now - 3_600_000);
  context.memory.verifications.set(uid, [...recent, now]);
}

/** Retain: the remote client and the Secrets stay, and are nobody's. */
async function releaseClient(context: KindContext, resource: M2MClient, ref: Ref | undefined): Promise<void> {
  const { namespace = "", uid, name } = resource.metadata;
  for (const secret of [secretNameOf(resource), stateSecretNameOf(name)]) {
    const head = context.secrets.head(namespace, secret);
    if (head !== undefined) await context.secrets.release(head, uid);
  }
  if (ref !== undefined) await providerFor(context, resource).clients.update(ref, { mark: null });
}
