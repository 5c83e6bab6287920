import type { Mark } from "../../ports/mark.ts";
import type { Clients, ClientSpec, CreatedClient, ObservedClient, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Serial } from "../../tenant/serial.ts";
import { assertClientFits, changeBody, createBody, secretBody } from "./client-bodies.ts";
import { createKeys, keysIn } from "./client-keys.ts";
import { type ClientSubjects, createSubjects, subjectsOf } from "./client-subjects.ts";
import type { KeycloakContext } from "./context.ts";
import type { ClientDocument } from "./documents.ts";
import { createSecrets } from "./client-secrets.ts";
import { newSecret } from "./new-secret.ts";
import { observedClient } from "./observed-client.ts";
import type { RealmClient } from "./realm-client.ts";
import type { RealmView } from "./realm-view.ts";

export interface ClientParts {
  readonly context: KeycloakContext;
  readonly view: RealmView;
  readonly serial: Serial;
}

/** Clients with a service account, which is Keycloak's name for the client-credentials grant. */
export function createClients({ context, view, serial }: ClientParts): Clients {
  const { overlap, ownClientId, session, settings } = context;
  const observe = (client: RealmClient): ObservedClient =>
    observedClient(client, { ...settings, clientId: ownClientId() }, overlap);
  const by = async (index: string, value: string): Promise<readonly ObservedClient[]> => {
    await view.ensure();
    return view.clients.byIndex(index, value).map(observe);
  };
  const change = async (ref: Ref, body: object): Promise<RealmClient> => {
    if (Object.keys(body).length > 0) await session.change(`/clients/${ref}`, body);
    const client = await view.reread(ref);
    if (client === undefined) throw new ProviderError("not_found", "The client no longer exists in the realm.");
    return client;
  };
  const present = async (ref: Ref): Promise<RealmClient> => {
    const client = await session.read(() => view.clients.confirm(ref));
    if (client === undefined) throw new ProviderError("not_found", "The client no longer exists in the realm.");
    return client;
  };
  const alias = settings.kubernetesIdentityProvider;
  const subjects: ClientSubjects | undefined =
    alias === undefined
      ? undefined
      : createSubjects({
          ...{ alias, serial, observe, present, change, now: () => context.clock.now() },
          refresh: (notBefore) => view.clients.refresh(notBefore),
          byKey: (key) => view.clients.byIndex("subject", key),
        });
  const create = async (spec: ClientSpec, mark: Mark): Promise<CreatedClient> => {
    const secret = hasSecret(spec.authenticationMethod) ? newSecret() : undefined;
    const ref = (await session.create("/clients", createBody(spec, mark, { secret, alias }))) as Ref;
    const client = await change(ref, {});
    return { client: observe(client), clientSecret: secret, keys: keysIn(client.attributes) };
  };
  return {
    get: async (ref) => {
      await view.ensure();
      const known = view.clients.get(ref);
      if (known !== undefined || view.clients.isDropped(ref)) return known === undefined ? undefined : observe(known);
      const read = await session.read(() => view.clients.confirm(ref));
      return read === undefined ? undefined : observe(read);
    },
    findByClientId: async (clientId, since) => {
      const client = await view.findByClientId(clientId, since);
      return client === undefined ? undefined : observe(client);
    },
    list: async () => {
      await view.ensure();
      return view.clients
        .all()
        .filter(({ isBearerOnly }) => !isBearerOnly)
        .map(observe);
    },
    findByOwner: (instance, uid) => by("clientOwner", `${instance}/${uid}`),
    findByObject: (instance, object) => by("clientObject", `${instance}/${object}`),
    findByOwnerSince: async (instance, uid, notBefore) => {
      await view.refresh(notBefore);
      return by("clientOwner", `${instance}/${uid}`);
    },
    create: async (spec, mark) => {
      assertClientFits(spec);
      const { subject } = spec;
      if (subject === undefined || subjects === undefined) return create(spec, mark);
      return subjects.creating(subject, () => create(spec, mark));
    },
    update: async (ref, wanted) => {
      assertClientFits(wanted);
      return serial(ref, async () => observe(await change(ref, changeBody(await present(ref), wanted))));
    },
    ...createKeys({ serial, present, change }),
    ...subjectsOf(subjects),
    readSecret: async (ref) => {
      const document = await session.find<ClientDocument>(`/clients/${ref}`);
      const { secret, clientAuthenticatorType: type } = document ?? {};
      return type !== "client-secret" || secret == null || secret === "" ? undefined : secret;
    },
    ...createSecrets({ context, serial, change }),
    replaceSecret: async (ref, secret = newSecret(), method) => {
      // An empty one would let everybody in.
      if (secret === "") throw new ProviderError("invalid", "A client secret cannot be empty.");
      await serial(ref, () => change(ref, secretBody(secret, method, context.overlap.isOffered())));
      return secret;
    },
    remove: async (ref) => {
      await session.remove(`/clients/${ref}`);
      view.clients.drop(ref);
    },
  };
}

const hasSecret = (method: ClientSpec["authenticationMethod"]): boolean =>
  method === "client_secret_basic" || method === "client_secret_post";
