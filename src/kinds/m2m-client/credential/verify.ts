import { ObjectChanged } from "../../../ports/object-changed.ts";
import type { GrantedApi, ObservedGrant, Provider } from "../../../ports/provider.ts";
import type { CredentialValues, PublishedGrant } from "../../../publication/inputs.ts";
import { connected, type Standing } from "../../access/standing.ts";
import { recentTrials } from "../../access/verifications.ts";
import { isApiServerError } from "../../../controller/api-server-refusal.ts";
import type { KindContext } from "../../kind-context.ts";
import { ANNOTATIONS, requestOf } from "../../schema/annotations.ts";
import { readCredential } from "../../state-secret/read.ts";
import { readState } from "../../state-secret/store.ts";
import { statusSoFar } from "../../status/report.ts";
import type { Action } from "../model.ts";
import type { ClientObserved } from "../observe.ts";
import type { M2MClient } from "../schema.ts";
import { verifyCredential } from "./verify-credential.ts";

interface Part {
  readonly context: KindContext;
  readonly resource: M2MClient;
  readonly observed: ClientObserved;
}

/**
 * Obtains one token and writes what came of it into status. Throws `ObjectChanged` when what is to be verified is gone, or
 * when the grant changed meanwhile, so that the token says nothing of the one before or after.
 */
export async function verify(
  part: Part,
  { attempt, which }: Extract<Action, { type: "verifyCredential" }>,
): Promise<void> {
  const { context, resource, observed } = part;
  const { publication, standing } = observed;
  const provider = connected(standing);
  if (publication?.verifiable === undefined) throw new ObjectChanged("Nothing is granted any more.");
  const { entry, api: granted } = publication.verifiable;
  const { clientId } = publication.inputs;
  const credential = await credentialOf(part, clientId, which);
  if (credential === undefined) throw new ObjectChanged("The credential to verify is gone.");
  countVerification(context, resource, standing);
  const held = await heldGrant(provider, clientId, granted);
  const assertion = await assertionOf(part, credential, entry.assertionAudience);
  const { result, message } = await verifyCredential(provider, {
    ...{ clientId, credential, assertion, now: context.now() },
    ...expectedOf(entry, held),
    ...(await signingOf(provider, granted)),
    organization: await organizationFor(provider, clientId, granted),
  });
  const isChanged = !hasSameScopes(held, await heldGrant(provider, clientId, granted));
  if (result === "Refused" && isChanged) throw new ObjectChanged("The grant changed while its token was verified.");
  const at = context.now().toISOString();
  const verification = { credentialId: credential.id, audience: granted.audience, result, message, tries: attempt, at };
  await context.resources.m2mClients.writeStatus(resource, {
    ...statusSoFar(resource, context.now()),
    verification,
    // Of one request comes one series of tries.
    lastHandledReconcileAt:
      requestOf(resource.metadata, ANNOTATIONS.reconcileRequestedAt) ?? resource.status?.lastHandledReconcileAt,
  });
}

/** As the kubelet does it for the workload. TokenRequest takes no shorter life. */
const ASSERTION_SECONDS = 600;

/** A token of the service account; `undefined` for another credential, and where the operator may not request one. */
async function assertionOf(
  { context, resource }: Part,
  credential: CredentialValues,
  audience: string,
): Promise<string | undefined> {
  const { name } = resource.spec.authentication?.serviceAccount ?? {};
  const { requestToken } = context.serviceAccounts;
  if (credential.authenticationMethod !== "kubernetes" || requestToken === undefined || name === undefined)
    return undefined;
  const namespace = resource.metadata.namespace ?? "";
  try {
    return await requestToken({ namespace, name, audience, seconds: ASSERTION_SECONDS });
  } catch (error) {
    if (isApiServerError(error) && error.code === 404) throw new ObjectChanged("The service account is gone.");
    if (isApiServerError(error) && error.code === 403) return undefined;
    throw error;
  }
}

async function credentialOf(
  { context, resource, observed }: Part,
  clientId: string,
  which: "current" | "next",
): Promise<CredentialValues | undefined> {
  return which === "current"
    ? (await readCredential(context, resource, clientId))?.credential
    : (await readState(context, resource, observed.state)).content.next;
}

/** The tenant's grant behind the ScopeGrants, as it was seen last. */
async function heldGrant(provider: Provider, clientId: string, api: GrantedApi): Promise<ObservedGrant | undefined> {
  const client = await provider.clients.findByClientId(clientId);
  return client === undefined ? undefined : provider.grants.find(client.ref, api, false);
}

/**
 * What a token is requested with, and what it may have beside that. The tenant's grant may hold more than the ScopeGrants
 * request, where the client was adopted with it, and for a moment more or less while a ScopeGrant changes: each has its
 * own condition for that, and it says nothing of the credential.
 */
export function expectedOf(
  entry: PublishedGrant,
  held: Pick<ObservedGrant, "scopes" | "allScopes"> | undefined,
): { readonly grant: PublishedGrant; readonly furtherScopes: readonly string[] | "all" } {
  if (held === undefined) return { grant: entry, furtherScopes: [] };
  if (held.allScopes) return { grant: entry, furtherScopes: "all" };
  const scopes = entry.scopes.filter((scope) => held.scopes.includes(scope));
  // A request without scopes is another one, which a provider may refuse.
  const grant = scopes.length === 0 ? entry : { ...entry, scopes };
  return { grant, furtherScopes: held.scopes };
}

function hasSameScopes(before: ObservedGrant | undefined, after: ObservedGrant | undefined): boolean {
  const textOf = (grant: ObservedGrant | undefined): string =>
    JSON.stringify([grant?.ref, grant?.allScopes, [...(grant?.scopes ?? [])].sort()]);
  return textOf(before) === textOf(after);
}

async function signingOf(
  provider: Provider,
  granted: GrantedApi,
): Promise<{ readonly algorithm: string | undefined; readonly signingSecret: string | undefined }> {
  const api = await provider.apis.issuance(granted);
  const algorithm = api?.signingAlgorithm;
  const isShared = algorithm?.startsWith("HS") === true;
  const signingSecret = isShared && api !== undefined ? await provider.apis.readSigningSecret(api.ref) : undefined;
  return { algorithm, signingSecret };
}

/** Where one is required and the client has no default, the first that it is linked to. */
async function organizationFor(provider: Provider, clientId: string, api: GrantedApi): Promise<string | undefined> {
  if (provider.organizations === undefined) return undefined;
  const client = await provider.clients.findByClientId(clientId);
  if (client === undefined || client.defaultOrganization !== undefined) return undefined;
  const { usage, ids = [] } = (await provider.grants.find(client.ref, api, false))?.organizations ?? { usage: "Deny" };
  return usage === "Require" ? ids[0] : undefined;
}

/** Only the last hour counts. */
function countVerification({ memory, now }: KindContext, { metadata }: M2MClient, { object }: Standing): void {
  const uid = object?.metadata.uid ?? "";
  const at = now().getTime();
  const trial = { namespace: metadata.namespace ?? "", at };
  memory.verifications.set(uid, [...recentTrials(memory.verifications.get(uid) ?? [], at), trial]);
}
