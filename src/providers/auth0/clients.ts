import type { Management } from "auth0";
import { ClientsClient } from "auth0/clients";
import { MARK_KEY, parseMark } from "../../ports/mark.ts";
import type { AuthenticationMethod, Clients, ObservedClient, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { createListing, type Listing } from "../../tenant/listing.ts";
import { changeBody, createBody, methodBody } from "./client-bodies.ts";
import { createKeys, keysIn } from "./client-keys.ts";
import type { Auth0Context } from "./context.ts";
import type { ClientDocument } from "./documents.ts";
import { numberedPages } from "./pages.ts";
import { orUndefined } from "./session.ts";

/** Everything that is compared, and nothing else: answers stay small. */
const FIELDS =
  "client_id,name,description,app_type,grant_types,token_endpoint_auth_method,client_metadata,is_first_party,global," +
  "token_quota,default_organization";

/** Shown only to who may read keys; naming them without that is refused. */
const KEY_FIELD = "client_authentication_methods";

export function createClients(
  context: Auth0Context,
  onRemoved: (ref: Ref) => void,
): {
  readonly clients: Clients;
  readonly listing: Listing<ObservedClient>;
} {
  const { clock, session, options } = context;
  const sdk = new ClientsClient(options);
  const observe = (document: unknown, areKeysShown = true): ObservedClient =>
    clientFromDocument(document as ClientDocument, context, areKeysShown);
  const listing = createListing<ObservedClient>({
    load: async function* () {
      const list = (request: object) => session.read(async () => sdk.list({ ...request, ...(await shown(context)) }));
      for await (const page of numberedPages(list)) {
        const areKeysShown = await mayReadKeys(context);
        yield page.map((document) => observe(document, areKeysShown));
      }
    },
    keyOf: (client) => client.ref,
    digestOf: ({ readAt: _readAt, ...client }) => JSON.stringify(client),
    indexes: {
      owner: ({ mark }) => (mark === undefined ? [] : [`${mark.instance}/${mark.uid}`]),
      object: ({ mark }) => (mark === undefined ? [] : [`${mark.instance}/${mark.object}`]),
    },
    read: async (key) => {
      const document = await session.read(() => orUndefined(Promise.resolve(sdk.get(key))));
      return document === undefined ? undefined : observe(document, await mayReadKeys(context));
    },
    clock,
    settleMs: context.settleMs,
    onDrift: (before, after) => {
      const ref = (after ?? before)?.ref;
      if (ref !== undefined) context.onDrift({ kind: "client", ref });
    },
  });
  const remember = (document: unknown): ObservedClient => {
    const client = observe(document);
    listing.put(client);
    return client;
  };
  const keys = createKeys(context);
  const update = async (ref: Ref, body: Record<string, unknown>): Promise<ClientDocument> => {
    const document = await session.write(() => sdk.update(ref, body as Management.UpdateClientRequestContent));
    remember(document);
    return document as ClientDocument;
  };
  const get = async (ref: Ref): Promise<ObservedClient | undefined> => {
    await listing.ensure();
    const known = listing.get(ref);
    if (known !== undefined || listing.isDropped(ref)) return known;
    return session.read(() => listing.confirm(ref));
  };
  const clients: Clients = {
    get,
    findByClientId: async (clientId, since) => {
      await listing.ensure();
      return listing.get(clientId) ?? (listing.isListedSince(since) ? undefined : get(clientId as Ref));
    },
    list: async () => {
      await listing.ensure();
      return listing.all();
    },
    findByOwner: async (instance, uid) => {
      await listing.ensure();
      return listing.byIndex("owner", `${instance}/${uid}`);
    },
    findByObject: async (instance, object) => {
      await listing.ensure();
      return listing.byIndex("object", `${instance}/${object}`);
    },
    findByOwnerSince: async (instance, uid, notBefore) => {
      await listing.refresh(notBefore);
      return listing.byIndex("owner", `${instance}/${uid}`);
    },
    create: async (spec, mark) => {
      const document = (await session.write(() => sdk.create(createBody(spec, mark)))) as ClientDocument;
      const keys = keysIn(document.client_authentication_methods);
      return { client: remember(document), clientSecret: secretIn(document), keys };
    },
    update: async (ref, change) => {
      const hadKeys = (listing.get(ref)?.keyRefs ?? []).length > 0;
      const client = observe(await update(ref, changeBody(change)));
      // Keys that no method refers to any longer could be attached again.
      if (hadKeys && client.keyRefs?.length === 0) await keys.removeAll(ref);
      return client;
    },
    addPublicKey: async (ref, key, insteadOf) =>
      keys.add(ref, key, { refs: (await get(ref))?.keyRefs ?? [], insteadOf }, (body) => update(ref, body)),
    removePublicKey: async (ref, key) =>
      keys.remove(ref, key, (await get(ref))?.keyRefs ?? [], (body) => update(ref, body)),
    setPublicKeys: (ref, wanted) => keys.replace(ref, wanted, (body) => update(ref, body)),
    readSecret: async (ref) => {
      const request = { fields: "client_id,client_secret", include_fields: true };
      const document = await session.read(() => orUndefined(Promise.resolve(sdk.get(ref, request))));
      return document === undefined ? undefined : secretIn(document as ClientDocument);
    },
    addSecret: () => Promise.reject(oneSecretOnly()),
    removeSecret: () => Promise.reject(oneSecretOnly()),
    removeSecretByValue: () => Promise.reject(oneSecretOnly()),
    replaceSecret: async (ref, secret, method) => {
      const hadKeys = ((await get(ref))?.keyRefs ?? []).length > 0;
      const document =
        secret === undefined
          ? ((await session.write(() => sdk.rotateSecret(ref))) as ClientDocument)
          : await update(ref, { client_secret: secret, ...methodBody(method) });
      remember(document);
      if (hadKeys && keysIn(document.client_authentication_methods).length === 0) await keys.removeAll(ref);
      const shown = secretIn(document);
      if (shown === undefined)
        throw new ProviderError(
          "forbidden",
          `Auth0 does not show the new secret of client ${ref}. Grant read:client_keys to the operator's application, client ID ${context.settings.clientId}.`,
          { permissions: ["read:client_keys"] },
        );
      return shown;
    },
    remove: async (ref) => {
      await session.write(() => sdk.delete(ref));
      listing.drop(ref);
      onRemoved(ref);
    },
  };
  return { clients, listing };
}

const oneSecretOnly = (): ProviderError =>
  new ProviderError("unsupported", "An Auth0 client has one secret at a time.");

export async function mayReadKeys({ tokens }: Auth0Context): Promise<boolean> {
  const scopes = await tokens.scopes();
  return scopes.has("read:client_keys") || scopes.has("read:client_credentials");
}

/** Keys are requested only where the permission is there; secrets only by who may do something about them. */
async function shown(context: Auth0Context): Promise<Management.ListClientsRequestParameters> {
  const keyField = (await mayReadKeys(context)) ? `,${KEY_FIELD}` : "";
  const secretField = keyField !== "" && !context.isReadOnly ? ",client_secret" : "";
  return { is_global: false, fields: `${FIELDS}${secretField}${keyField}`, include_fields: true };
}

/** What reading one document needs. */
interface ReadingContext extends Pick<Auth0Context, "fingerprint"> {
  readonly clock: Pick<Auth0Context["clock"], "now">;
  readonly settings: Pick<Auth0Context["settings"], "clientId">;
}

/** What Auth0 leaves out is at its default. The secret becomes a fingerprint before anything else sees it. */
export function clientFromDocument(
  document: ClientDocument,
  context: ReadingContext,
  areKeysShown: boolean,
): ObservedClient {
  const { [MARK_KEY]: mark, ...metadata } = document.client_metadata ?? {};
  const { client_id: clientId } = document;
  const grantTypes = document.grant_types ?? [];
  return {
    ref: clientId as Ref,
    clientId,
    displayName: document.name ?? "",
    description: document.description ?? undefined,
    metadata: textsIn(metadata),
    ...methodIn(document, areKeysShown),
    tokenQuota: quotaOf(document),
    defaultOrganization: document.default_organization?.organization_id ?? undefined,
    isEnabled: grantTypes.includes("client_credentials"),
    isService: isForMachines(document),
    mark: parseMark(typeof mark === "string" ? mark : undefined),
    secrets: secretsOf(document, context),
    isServiceType: document.app_type === "non_interactive" && grantTypes.every((type) => type === "client_credentials"),
    isSystem: document.global === true || document.is_first_party === false || clientId === context.settings.clientId,
    readAt: context.clock.now(),
  };
}

/** Auth0 knows texts alone; nobody manages anything else that is there. */
const textsIn = (metadata: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(metadata).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );

/** `undefined` where it is not shown. */
const secretIn = ({ client_secret: secret }: ClientDocument): string | undefined =>
  secret == null || secret === "" ? undefined : secret;

function secretsOf(document: ClientDocument, context: ReadingContext): ObservedClient["secrets"] {
  if (methodOf(document) === "private_key_jwt") return [];
  const secret = secretIn(document);
  return secret === undefined ? undefined : [{ ref: undefined, fingerprint: context.fingerprint(secret) }];
}

/** A client whose type nobody has said may be one, if it may use the grant. */
const isForMachines = ({ app_type: type, grant_types: grantTypes }: ClientDocument): boolean =>
  type === "non_interactive" || (type == null && grantTypes?.includes("client_credentials") === true);

/** A client that was made without naming a method has none in Auth0's answers, and authenticates as by default. */
const DEFAULT_METHOD = "client_secret_post";

/** `undefined`: one that no client of the operator can have, such as `none`. */
function methodOf(document: ClientDocument): AuthenticationMethod | undefined {
  if (document.client_authentication_methods?.private_key_jwt != null) return "private_key_jwt";
  const method = document.token_endpoint_auth_method ?? DEFAULT_METHOD;
  return method === "client_secret_basic" || method === "client_secret_post" ? method : undefined;
}

/** Without its keys, a client that has no method may have keys or be at the default. */
function methodIn(
  document: ClientDocument,
  areKeysShown: boolean,
): Pick<ObservedClient, "authenticationMethod" | "keyRefs"> {
  if (areKeysShown)
    return {
      authenticationMethod: methodOf(document),
      keyRefs: keysIn(document.client_authentication_methods).map((key) => key.ref),
    };
  const isSaid = document.token_endpoint_auth_method != null;
  return { authenticationMethod: isSaid ? methodOf(document) : undefined, keyRefs: undefined };
}

function quotaOf({ token_quota: quota }: ClientDocument): ObservedClient["tokenQuota"] {
  const limits = quota?.client_credentials;
  if (limits == null) return undefined;
  const { enforce, per_hour: perHour, per_day: perDay } = limits;
  return {
    ...(perHour == null ? {} : { perHour }),
    ...(perDay == null ? {} : { perDay }),
    enforce: enforce ?? true,
  };
}
