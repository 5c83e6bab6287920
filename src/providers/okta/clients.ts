import type { ClientChange, Clients, ObservedClient, PublicKey, Ref, RegisteredKey } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { createListing, type Listing } from "../../tenant/listing.ts";
import { MAX_KEYS } from "./capabilities.ts";
import {
  changedApp,
  changesDocument,
  createBody,
  jwkOf,
  keysIn,
  clientFromApp,
  withKeys,
  withSecret,
} from "./client-bodies.ts";
import type { ClientSecrets } from "./client-secrets.ts";
import type { OktaContext } from "./context.ts";
import type { AppDocument } from "./documents.ts";
import { pagesOf } from "./pages.ts";
import { removeSeen } from "./removal.ts";
import type { RawDocument } from "./session.ts";
import { isShown } from "./shown-secret.ts";

const pathOf = (app: Ref): string => `/api/v1/apps/${encodeURIComponent(app)}`;

interface ClientParts {
  readonly context: OktaContext;
  readonly listing: Listing<ObservedClient>;
  readonly secrets: ClientSecrets;
  /** Takes away the policies that name this client alone: Okta keeps them when an app goes. */
  readonly removeGrants: (clientId: string) => Promise<void>;
}

export function createAppListing(context: OktaContext, secrets: ClientSecrets): Listing<ObservedClient> {
  const { session, sdk, clock } = context;
  const observe = (app: unknown): ObservedClient => {
    const document = app as AppDocument;
    return clientFromApp(document, secrets.known(document.id as Ref), clock.now());
  };
  return createListing<ObservedClient>({
    load: async function* () {
      const request = { filter: 'name eq "oidc_client"', limit: 200 };
      const collection = await session.read(() => sdk.applicationApi.listApplications(request));
      for await (const page of pagesOf(collection, (call) => session.read(call))) yield page.map(observe);
    },
    keyOf: (client) => client.ref,
    // Secrets are not in the listing.
    digestOf: ({ readAt: _readAt, secrets: _secrets, ...client }) => JSON.stringify(client),
    indexes: {
      clientId: ({ clientId }) => [clientId],
      owner: ({ mark }) => (mark === undefined ? [] : [`${mark.instance}/${mark.uid}`]),
      object: ({ mark }) => (mark === undefined ? [] : [`${mark.instance}/${mark.object}`]),
    },
    read: async (key) => {
      const app = await session.readRaw(pathOf(key as Ref));
      return app === undefined ? undefined : observe(app);
    },
    clock,
    settleMs: context.settleMs,
    onDrift: (before, after) => {
      const ref = (after ?? before)?.ref;
      if (ref !== undefined) context.onDrift({ kind: "client", ref });
    },
  });
}

export function createClients(parts: ClientParts): Clients {
  const { context, listing, secrets } = parts;
  const { session, clock } = context;
  const remember = (app: AppDocument): ObservedClient => {
    const ref = app.id as Ref;
    const client = clientFromApp(app, secrets.known(ref), clock.now());
    listing.put(client);
    return client;
  };
  const withSecrets = (client: ObservedClient): ObservedClient => ({
    ...client,
    secrets: client.authenticationMethod === "private_key_jwt" ? [] : secrets.known(client.ref),
  });
  const byIndex = async (index: string, value: string): Promise<readonly ObservedClient[]> => {
    await listing.ensure();
    return listing.byIndex(index, value).map(withSecrets);
  };
  const change = async (ref: Ref, changed: (app: RawDocument) => RawDocument): Promise<ObservedClient> =>
    remember((await session.change(pathOf(ref), changed)) as AppDocument);
  return {
    get: async (ref) => {
      await listing.ensure();
      const known = listing.get(ref);
      const client = known ?? (listing.isDropped(ref) ? undefined : await session.read(() => listing.confirm(ref)));
      return client === undefined ? undefined : withSecrets(client);
    },
    findByClientId: async (clientId, since) => {
      const [known] = await byIndex("clientId", clientId);
      if (known !== undefined || listing.isListedSince(since)) return known;
      // Where nobody chose another, the id of an app is the client ID.
      if (!listing.isDropped(clientId)) await session.read(() => listing.confirm(clientId));
      const [read] = await byIndex("clientId", clientId);
      if (read !== undefined || since === undefined) return read;
      await listing.refresh(since);
      return (await byIndex("clientId", clientId))[0];
    },
    list: async () => {
      await listing.ensure();
      return listing.all().map(withSecrets);
    },
    findByOwner: (instance, uid) => byIndex("owner", `${instance}/${uid}`),
    findByObject: (instance, object) => byIndex("object", `${instance}/${object}`),
    findByOwnerSince: async (instance, uid, notBefore) => {
      await listing.refresh(notBefore);
      return byIndex("owner", `${instance}/${uid}`);
    },
    create: async (spec, mark) => {
      const request = { application: createBody(spec, mark) as never };
      const app = (await session.write(() => context.sdk.applicationApi.createApplication(request))) as AppDocument;
      const shown = app.credentials?.oauthClient?.client_secret;
      const clientSecret = isShown(shown) ? shown : undefined;
      secrets.note(app.id as Ref, clientSecret);
      const client = remember(app);
      return {
        client: spec.isEnabled === false ? await setEnabled(parts, client, false) : client,
        clientSecret,
        keys: keysIn(app),
      };
    },
    update: (ref, wanted) => update(parts, ref, wanted, change),
    ...keyMethods(parts, change),
    readSecret: (ref) => secrets.read(ref),
    addSecret: (ref, secret, insteadOf) => secrets.add(ref, secret, insteadOf),
    removeSecret: (ref, secret) => secrets.remove(ref, secret),
    removeSecretByValue: (ref, value, kept) => secrets.removeByValue(ref, value, kept),
    replaceSecret: async (ref, secret, method) => {
      if (method === undefined || secret === undefined) return secrets.replace(ref, secret);
      await change(ref, withSecret(method, secret));
      await secrets.keepOnly(ref, secret);
      return secret;
    },
    remove: (ref) => removeApp(parts, ref),
  };
}

type Change = (ref: Ref, changed: (app: RawDocument) => RawDocument) => Promise<ObservedClient>;

/** Switched on before and off after its document is changed: Okta may take no changes of an app that is off. */
async function update(parts: ClientParts, ref: Ref, wanted: ClientChange, change: Change): Promise<ObservedClient> {
  const known = parts.listing.get(ref);
  if (wanted.isEnabled === true && known !== undefined) await setEnabled(parts, known, true);
  const changed = changesDocument(wanted) ? await change(ref, changedApp(wanted)) : parts.listing.get(ref);
  const client = changed ?? (await parts.context.session.read(() => parts.listing.confirm(ref)));
  if (client === undefined) throw new ProviderError("not_found", "The app no longer exists at Okta.");
  return wanted.isEnabled === false ? setEnabled(parts, client, false) : client;
}

async function setEnabled(
  { context: { session, sdk }, listing }: ClientParts,
  client: ObservedClient,
  isEnabled: boolean,
): Promise<ObservedClient> {
  const request = { appId: client.ref };
  const { applicationApi: api } = sdk;
  if (client.isEnabled !== isEnabled)
    await session.write(() => (isEnabled ? api.activateApplication(request) : api.deactivateApplication(request)));
  const next = { ...client, isEnabled };
  listing.put(next);
  return next;
}

async function removeApp({ context, listing, secrets, removeGrants }: ClientParts, ref: Ref): Promise<void> {
  const { session, sdk } = context;
  const { applicationApi: api } = sdk;
  const client = listing.get(ref);
  if (client !== undefined) await removeGrants(client.clientId);
  await removeSeen(context, {
    what: `app ${ref}`,
    isActive: client?.isEnabled !== false,
    deactivate: () => api.deactivateApplication({ appId: ref }),
    remove: () => api.deleteApplication({ appId: ref }),
    read: async () => {
      const present = await session.read(() => listing.confirm(ref));
      return present === undefined ? undefined : { isActive: present.isEnabled };
    },
  });
  listing.drop(ref);
  secrets.forget(ref);
}

function keyMethods(
  { listing }: ClientParts,
  change: Change,
): Pick<Clients, "setPublicKeys" | "addPublicKey" | "removePublicKey"> {
  // Okta may not say what algorithm a key is for.
  const isKey = ({ keyId, algorithm }: PublicKey, { kid, alg }: RawDocument): boolean =>
    kid === keyId && [undefined, null, algorithm].includes(alg as string | undefined | null);
  const kept = (keys: readonly PublicKey[], present: readonly RawDocument[]): readonly RawDocument[] =>
    keys.map((key) => present.find((jwk) => isKey(key, jwk)) ?? jwkOf(key));
  const registered = ({ keyId }: PublicKey): RegisteredKey => ({ ref: keyId, keyId });
  return {
    setPublicKeys: async (ref, keys) => {
      await change(
        ref,
        withKeys((present) => kept(keys, present)),
      );
      return keys.map(registered);
    },
    addPublicKey: async (ref, key, insteadOf) => {
      const client = listing.get(ref);
      if (client?.authenticationMethod === "private_key_jwt" && client.keyRefs?.includes(key.keyId) === true)
        return registered(key);
      await change(
        ref,
        withKeys((present) => {
          const others = present.filter(({ kid }) => kid !== key.keyId);
          const kept = others.length < MAX_KEYS ? others : others.filter(({ kid }) => kid !== insteadOf);
          if (kept.length >= MAX_KEYS)
            throw new ProviderError(
              "limit_reached",
              `App ${ref} has the maximum of ${String(MAX_KEYS)} keys. Delete one that nobody uses in the org.`,
            );
          return [...kept, jwkOf(key)];
        }),
      );
      return registered(key);
    },
    removePublicKey: async (ref, key) => {
      if (listing.get(ref)?.keyRefs?.includes(key) === false) return;
      const { keyRefs } = await change(
        ref,
        withKeys((present) => present.filter(({ kid }) => kid !== key)),
      );
      if (keyRefs?.includes(key) === true)
        throw new ProviderError("unavailable", "Okta still shows the key that was removed.");
    },
  };
}
