import { renderClientSecret } from "../../publication/render.ts";
import type { Mark } from "../../ports/mark.ts";
import type { ClientChange, Ref } from "../../ports/provider.ts";
import { ObjectChanged } from "../../ports/object-changed.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { KindContext } from "../kind-context.ts";
import { MANAGED_LABELS, ownerReferenceOf, publishOutput, removeOutput } from "../outputs/write.ts";
import { connected } from "../access/standing.ts";
import { changedFields } from "../access/changed-fields.ts";
import { recordChange, wasConverged } from "../status/changes.ts";
import { statusSoFar } from "../status/report.ts";
import { readCredential } from "../state-secret/read.ts";
import { stateSecretNameOf } from "../state-secret/name.ts";
import { verify } from "./credential/verify.ts";
import { applyRotation } from "./rotation/apply.ts";
import { applyCredential, type CredentialPart, createWithCredential, stateBeforeCreate } from "./credential/apply.ts";
import type { ClientObserved } from "./observe.ts";
import { secretNameOf } from "./desire.ts";
import type { Action, Desired } from "./model.ts";
import { digestOf } from "./publication/gather.ts";
import type { M2MClient } from "./schema.ts";
import { grantText } from "./unmanaged.ts";
import { removeState } from "../state-secret/store.ts";

/** Carries out one action. Each may be repeated after a crash. */
export async function apply(
  context: KindContext,
  resource: M2MClient,
  desired: Desired,
  observed: ClientObserved,
  action: Action,
): Promise<void> {
  const part = { context, resource, desired, observed };
  switch (action.type) {
    case "addFinalizer":
      return context.resources.m2mClients.setFinalizer(resource, true);
    case "removeFinalizer":
      await removeState(context, resource);
      return context.resources.m2mClients.setFinalizer(resource, false);
    case "createClient":
      return createClient(part, action);
    case "updateClient":
      return updateClient(part, action);
    case "removeDuplicateClient":
    case "removeClient":
      return connected(observed.standing).clients.remove(action.ref);
    case "removeUnmanagedGrant":
      return removeUnmanagedGrant(part, action.ref);
    case "storeCredential":
    case "replaceSecret":
    case "claimState":
    case "removeState":
    case "prepareKey":
    case "registerSubject":
    case "registerKey":
    case "registerPublicKeys":
      return applyCredential(credentialPart(part), action);
    case "prepareNext":
    case "registerNext":
    case "discardNext":
    case "noteAnnounced":
    case "promoteNext":
    case "switchToNext":
    case "notePublished":
    case "retirePrevious":
    case "forgetPrevious":
      return applyRotation(credentialPart(part), action);
    case "publishSecret":
      return publishSecret(part);
    case "removeFormerSecret":
      return removeOutput(context, context.secrets, resource, action.name);
    case "verifyCredential":
      return verify(part, action);
    case "releaseClient":
      return releaseClient(part, action.ref);
    case "abandonClient":
      return context.events.record(
        resource,
        "Warning",
        "Orphaned",
        `Client ${resource.status?.clientId ?? "(unknown)"} stays at tenant ${resource.status?.tenant ?? "(unknown)"}: the operator cannot use the tenant. Delete it there by hand.`,
      );
  }
}

interface Part {
  readonly context: KindContext;
  readonly resource: M2MClient;
  readonly desired: Desired;
  readonly observed: ClientObserved;
}

function credentialPart({ context, resource, desired, observed }: Part): CredentialPart {
  return { context, resource, desired, state: observed.state, provider: connected(observed.standing) };
}

/** Writes the note, creates, stores the credential: after a crash at any point the next read shows where to continue. */
async function createClient(part: Part, { spec, owner }: Extract<Action, { type: "createClient" }>): Promise<void> {
  const { context, resource } = part;
  const stored = await stateBeforeCreate(credentialPart(part));
  const nonce = context.nonce();
  const pendingCreate = { key: nonce, nonce, at: context.now().toISOString() };
  const status = { ...statusSoFar(resource, context.now()), pendingCreate };
  const noted = await context.resources.m2mClients.writeStatus(resource, status);
  const mark: Mark = { ...owner, origin: "made", nonce };
  const credential = credentialPart({ ...part, resource: noted });
  try {
    await createWithCredential(credential, stored, spec, mark);
  } catch (error) {
    if (error instanceof ProviderError && error.code !== "ambiguous") await clearNote(context, noted);
    throw error;
  }
}

/** Nothing was created: the next attempt need not wait for this one to come to light. */
async function clearNote(context: Pick<KindContext, "now" | "resources">, noted: M2MClient): Promise<void> {
  const { pendingCreate: _done, ...status } = statusSoFar(noted, context.now());
  await context.resources.m2mClients.writeStatus(noted, status);
}

async function updateClient(
  { context, resource, desired, observed }: Part,
  { ref, change, remark: origin }: Extract<Action, { type: "updateClient" }>,
): Promise<void> {
  const mark = origin === undefined ? {} : { mark: { ...desired.owner, origin, nonce: context.nonce() } };
  await connected(observed.standing).clients.update(ref, { ...change, ...mark });
  if (origin === "adopted") {
    const clientId = desired.clientId ?? String(ref);
    const { tenant } = connected(observed.standing);
    return context.events.record(resource, "Normal", "Adopted", `Client ${clientId} of tenant ${tenant} was adopted.`);
  }
  announceUpdate({ context, resource, observed }, { ...change, ...mark });
}

/** An update of what was Ready undoes what somebody did at the tenant, or follows a withdrawal of consent. */
function announceUpdate(
  { context, resource, observed }: Pick<Part, "context" | "resource" | "observed">,
  change: ClientChange,
): void {
  const { remote } = observed;
  const clientId = resource.status?.clientId ?? "";
  if (change.defaultOrganization === null) {
    const organization = (remote.kind === "found" ? remote.client.defaultOrganization : undefined) ?? "";
    const { provider } = observed;
    const object = provider.state === "ready" ? provider.facts.object : "The provider object";
    const { namespace = "" } = resource.metadata;
    return recordChange(context, resource, {
      ...{ type: "defaultOrganizationWithdrawn", clientId, organization, object, namespace },
    });
  }
  if (wasConverged(resource))
    recordChange(context, resource, {
      ...{ type: "driftReverted", object: `Client ${clientId}` },
      fields: changedFields(change),
    });
}

/** A grant whose ScopeGrant is gone, or one that is to be pruned. */
async function removeUnmanagedGrant({ context, resource, observed }: Part, ref: Ref): Promise<void> {
  await connected(observed.standing).grants.remove(ref);
  if (observed.leftBehind?.includes(ref) === true)
    return recordChange(context, resource, { type: "leftGrantDeleted", ref });
  const grant = observed.unmanaged?.find((unmanaged) => unmanaged.ref === ref);
  recordChange(context, resource, { type: "grantPruned", grant: grant === undefined ? ref : grantText(grant) });
}

/** Renders what was gathered for the plan, now with the credential. */
async function publishSecret({ context, resource, observed: { publication } }: Part): Promise<void> {
  if (publication === undefined) throw new ObjectChanged("The values to publish are gone.");
  const stored = await readCredential(context, resource, publication.inputs.clientId);
  if (stored === undefined) throw new ObjectChanged("The credential to publish is gone.");
  const { credential, next, previous, version } = stored;
  const rendering = renderClientSecret({ ...publication.inputs, credential, next, previous });
  if (rendering.kind === "invalid") throw new ProviderError("invalid", rendering.message);
  if (rendering.kind === "waiting")
    throw new ObjectChanged(`The template needs ${rendering.names.join(", ")}, which is gone.`);
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

/** Retain: the remote client and the Secrets stay, and nobody manages them. */
async function releaseClient({ context, resource, observed }: Part, ref: Ref | undefined): Promise<void> {
  const { namespace = "", uid, name } = resource.metadata;
  for (const secret of [secretNameOf(resource), stateSecretNameOf(name)]) {
    const head = context.secrets.head(namespace, secret);
    if (head !== undefined) await context.secrets.release(head, uid);
  }
  if (ref !== undefined) await connected(observed.standing).clients.update(ref, { mark: null });
}
