import type { Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { OktaContext } from "./context.ts";
import { allOf, timeOf } from "./documents.ts";
import { orUndefined } from "./session.ts";

interface SecretDocument {
  readonly id?: string;
  readonly status?: string;
  readonly client_secret?: string;
  readonly created?: string;
}

/** Secrets that one app can have at a time. */
const MAX_SECRETS = 2;

/** Secrets of apps, each app's read with a request of its own; what is kept of them is a fingerprint. */
export interface ClientSecrets {
  /** Of those that work; `undefined` while they were not read, or are not shown. */
  fingerprints(app: Ref): readonly string[] | undefined;
  /** When they were last read. */
  readAt(app: Ref): Date | undefined;
  /** The newest that works; `undefined` where secrets are not shown. Remembers the fingerprints of all. */
  read(app: Ref): Promise<string | undefined>;
  /** A value that an answer to a write showed. */
  note(app: Ref, secret: string | undefined): void;
  /** Puts a new one in force and takes every other away. */
  replace(app: Ref, secret: string | undefined): Promise<string>;
  forget(app: Ref): void;
}

export function createSecrets(context: OktaContext): ClientSecrets {
  const { session, sdk, clock } = context;
  const api = sdk.applicationSSOPublicKeysApi;
  const known = new Map<Ref, { readonly prints: readonly string[] | undefined; readonly at: Date }>();
  const remember = (app: Ref, secrets: readonly SecretDocument[]): void => {
    const shown = secrets.filter(isActive).map(({ client_secret: value }) => value);
    const isShown = shown.every((value): value is string => value !== undefined);
    known.set(app, {
      prints: isShown && shown.length > 0 ? shown.map((value) => context.fingerprint(value)) : undefined,
      at: clock.now(),
    });
  };
  const list = async (app: Ref): Promise<readonly SecretDocument[]> => {
    const found = await session.read(async () =>
      orUndefined(allOfSecrets(await api.listOAuth2ClientSecrets({ appId: app }))),
    );
    return [...(found ?? [])].sort((a, b) => timeOf(b.created) - timeOf(a.created));
  };
  const remove = async (app: Ref, { id = "", status }: SecretDocument): Promise<void> => {
    const request = { appId: app, secretId: id };
    if (status === "ACTIVE") await session.write(() => orUndefined(api.deactivateOAuth2ClientSecret(request)));
    await session.write(() => orUndefined(api.deleteOAuth2ClientSecret(request)));
  };
  return {
    fingerprints: (app) => known.get(app)?.prints,
    readAt: (app) => known.get(app)?.at,
    read: async (app) => {
      const secrets = await list(app);
      remember(app, secrets);
      return secrets.find(isActive)?.client_secret;
    },
    note: (app, secret) => {
      if (secret !== undefined) known.set(app, { prints: [context.fingerprint(secret)], at: clock.now() });
    },
    replace: async (app, secret) => {
      const before = await list(app);
      // The last that works cannot go before another is there.
      const [kept, ...surplus] = [...before].sort((a, b) => Number(isActive(b)) - Number(isActive(a)));
      if (before.length >= MAX_SECRETS) for (const other of surplus) await remove(app, other);
      const body = secret === undefined ? {} : { client_secret: secret };
      const made = (await session.write(() =>
        api.createOAuth2ClientSecret({ appId: app, oAuth2ClientSecretRequestBody: body }),
      )) as SecretDocument;
      for (const other of before.length >= MAX_SECRETS ? [kept] : before)
        if (other !== undefined) await remove(app, other);
      remember(app, [made]);
      const value = made.client_secret ?? secret;
      if (value === undefined)
        throw new ProviderError("forbidden", "Okta does not show the new secret.", {
          permissions: ["okta.apps.clientCredentials.read"],
        });
      return value;
    },
    forget: (app) => known.delete(app),
  };
}

const isActive = ({ status }: SecretDocument): boolean => status === "ACTIVE";

const allOfSecrets = (collection: Parameters<typeof allOf>[0]): Promise<readonly SecretDocument[]> =>
  allOf<SecretDocument>(collection);
