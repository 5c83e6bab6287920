import { renderApiConfigMap } from "../../publication/render.ts";
import { inputsDigest } from "../../publication/inputs-digest.ts";
import type { ApiSpec, ObservedApi, Ref } from "../../ports/provider.ts";
import { ObjectChanged } from "../../ports/object-changed.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { KindContext } from "../kind-context.ts";
import { MANAGED_LABELS, ownerReferenceOf, publishOutput, removeOutput } from "../outputs/write.ts";
import { connected, type Standing } from "../access/standing.ts";
import { changedFields } from "../access/changed-fields.ts";
import { recordChange, wasConverged } from "../status/changes.ts";
import { statusSoFar } from "../status/report.ts";
import { type ApiObserved, publicApiOf } from "./observe.ts";
import type { Action, Desired } from "./model.ts";
import { publishSigningSecret } from "./signing-secret.ts";
import type { OAuthApi } from "./schema.ts";

/** Carries out one action. Each may be repeated after a crash. */
export async function apply(
  context: KindContext,
  resource: OAuthApi,
  desired: Desired,
  observed: ApiObserved,
  action: Action,
): Promise<void> {
  const { standing, remote } = observed;
  switch (action.type) {
    case "addFinalizer":
      return context.resources.oAuthApis.setFinalizer(resource, true);
    case "removeFinalizer":
      return context.resources.oAuthApis.setFinalizer(resource, false);
    case "createApi":
      return createApi({ context, resource, standing }, desired, action.spec);
    case "updateApi":
      return updateApi({ context, resource, standing }, desired, action);
    case "adoptApi":
      return adoptApi({ context, resource, standing }, action.ref);
    case "publishSigningSecret":
      return publishSigningSecret(context, connected(standing), resource, found(remote));
    case "removeFormerSecret":
      return removeOutput(context, context.secrets, resource, action.name);
    case "publishConfigMap":
      return publishConfigMap({ context, resource, standing }, found(remote).ref);
    case "removeFormerConfigMap":
      return removeOutput(context, context.configMaps, resource, action.name);
    case "revokeGrant":
      await connected(standing).grants.remove(action.ref);
      return announceWithdrawn(context, resource, observed, action.ref);
    case "narrowGrant":
      await connected(standing).grants.update(action.ref, action.change);
      return announceWithdrawn(context, resource, observed, action.ref);
    case "removeApi":
      return connected(standing).apis.remove(action.ref);
    case "releaseApi":
      return releaseApi({ context, resource, standing }, action.ref);
    case "abandonApi":
      return context.events.record(
        resource,
        "Warning",
        "Orphaned",
        `The API ${resource.spec.audience} stays at tenant ${resource.status?.tenant ?? "(unknown)"}: the operator cannot use the tenant. Delete it there by hand.`,
      );
  }
}

interface Part {
  readonly context: KindContext;
  readonly resource: OAuthApi;
  readonly standing: Standing;
}

/** Writes the note first: an API found later with this audience is then known to be ours. */
async function createApi({ context, resource, standing }: Part, { owner }: Desired, spec: ApiSpec): Promise<void> {
  const provider = connected(standing);
  const { oAuthApis } = context.resources;
  const nonce = context.nonce();
  const pendingCreate = { key: spec.audience, nonce, at: context.now().toISOString() };
  const noted = await oAuthApis.writeStatus(resource, { ...statusSoFar(resource, context.now()), pendingCreate });
  try {
    await provider.apis.create(spec, { ...owner, origin: "made", nonce });
  } catch (error) {
    if (error instanceof ProviderError && error.code !== "ambiguous") {
      const { pendingCreate: _done, ...status } = statusSoFar(noted, context.now());
      await oAuthApis.writeStatus(noted, status);
    }
    throw error;
  }
}

async function updateApi(
  { context, resource, standing }: Part,
  { owner }: Desired,
  { ref, change, remark: origin }: Extract<Action, { type: "updateApi" }>,
): Promise<void> {
  const mark = origin === undefined ? {} : { mark: { ...owner, origin, nonce: context.nonce() } };
  const { apis, vendor } = connected(standing);
  await apis.update(ref, { ...change, ...mark });
  if (wasConverged(resource))
    recordChange(context, resource, {
      ...{ type: "driftReverted", object: `The API ${resource.spec.audience}` },
      fields: changedFields({ ...change, ...mark }).map((field) => field.replace(/^settings\./, `${vendor}.`)),
    });
}

/** Once for all grants that lose something in this pass, with the first of them. A deletion has no such losses. */
function announceWithdrawn(context: KindContext, resource: OAuthApi, { losses }: ApiObserved, ref: Ref): void {
  if (losses === undefined) return;
  const narrowed = losses.leftGrants.filter(({ kept }) => kept !== undefined).map((grant) => grant.ref);
  const isHeld = losses.heldLeftGrants !== undefined;
  const deleted = isHeld ? [] : losses.leftGrants.filter(({ kept }) => kept === undefined).map((grant) => grant.ref);
  const [first] = losses.leftGrants.map((grant) => grant.ref).filter((one) => [...narrowed, ...deleted].includes(one));
  if (ref === first) recordChange(context, resource, { type: "grantsOfApiWithdrawn", deleted, narrowed });
}

/** That it is ours from now on stands in status, since not every API can carry a mark. */
async function adoptApi({ context, resource, standing }: Part, ref: Ref): Promise<void> {
  const { tenant } = connected(standing);
  const status = { ...statusSoFar(resource, context.now()), externalId: ref, tenant, origin: "Adopted" as const };
  await context.resources.oAuthApis.writeStatus(resource, status);
  context.events.record(
    resource,
    "Normal",
    "Adopted",
    `The API ${resource.spec.audience} of tenant ${tenant} was adopted.`,
  );
}

/** The API that the plan was made for: another may have the same audience. */
function found(remote: ApiObserved["remote"]): ObservedApi {
  if (remote.kind !== "found") throw new ObjectChanged("The API to publish is gone.");
  return remote.api;
}

async function publishConfigMap({ context, resource, standing }: Part, ref: Ref): Promise<void> {
  const { namespace = "" } = resource.metadata;
  const name = resource.spec.configMap?.name;
  if (name === undefined) throw new ObjectChanged("The spec no longer names a ConfigMap.");
  const published = await publicApiOf(connected(standing), resource, ref);
  const data = renderApiConfigMap(published);
  const owner = ownerReferenceOf(resource);
  const manifest = { namespace, name, labels: MANAGED_LABELS, annotations: {}, owner, data };
  const digest = inputsDigest(published, "", (text) => context.sha256(text));
  await publishOutput(context, context.configMaps, manifest, digest);
}

/** Retain: what was published stays, and nobody manages it. */
async function releaseApi({ context, resource, standing }: Part, ref: Ref | undefined): Promise<void> {
  const { namespace = "", uid } = resource.metadata;
  const { configMap, signingSecret } = resource.spec;
  const published = [
    [context.configMaps, configMap?.name],
    [context.secrets, signingSecret?.name],
  ] as const;
  for (const [objects, name] of published) {
    const head = name === undefined ? undefined : objects.head(namespace, name);
    if (head !== undefined) await objects.release(head, uid);
  }
  if (ref !== undefined) await connected(standing).apis.update(ref, { mark: null });
}
