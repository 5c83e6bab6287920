import type { AddedSecret, ObservedSecret, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { OktaContext } from "./context.ts";
import { type SecretDocument, timeOf } from "./documents.ts";
import { allOf } from "./pages.ts";
import { isNotFound, removeSeen } from "./removal.ts";
import { isShown } from "./shown-secret.ts";

/** Secrets that one app can have at a time. */
const MAX_SECRETS = 2;

/** Secrets of apps, each app's read with a request of its own; what is kept of them is a fingerprint. */
export interface ClientSecrets {
  /** Those that work, without values; `undefined` while they were not read. */
  known(app: Ref): readonly ObservedSecret[] | undefined;
  /** When they were last read. */
  readAt(app: Ref): Date | undefined;
  /** The newest that works; `undefined` where secrets are not shown. Remembers the fingerprints of all. */
  read(app: Ref): Promise<string | undefined>;
  /** A value that an answer to a write showed. */
  note(app: Ref, secret: string | undefined): void;
  /** Puts a new one in force and takes every other away. */
  replace(app: Ref, secret: string | undefined): Promise<string>;
  /** Removes every secret except this one. Throws where the org does not show which one that is. */
  keepOnly(app: Ref, secret: string): Promise<void>;
  /** Adds a secret beside those in force. */
  add(app: Ref, secret: string, insteadOf: string | undefined): Promise<AddedSecret>;
  /** Removes a secret. Resolves once the org no longer shows it. */
  remove(app: Ref, id: string): Promise<void>;
  /** Removes a secret by its value. `kept`: IDs of other secrets. */
  removeByValue(app: Ref, value: string, kept: readonly string[]): Promise<void>;
  forget(app: Ref): void;
  /** Forgets every app of which this is false. */
  keep(isKept: (app: Ref) => boolean): void;
  /** Apps whose secrets are known. */
  size(): number;
}

export function createSecrets(context: OktaContext): ClientSecrets {
  const { session, sdk, clock } = context;
  const api = sdk.applicationSSOPublicKeysApi;
  const held = new Map<Ref, { readonly secrets: readonly ObservedSecret[] | undefined; readonly at: Date }>();
  const remember = (app: Ref, secrets: readonly SecretDocument[]): void => {
    const seen = secrets.filter(isActive).map(({ id, client_secret: value }) => ({
      ref: id,
      fingerprint: isShown(value) ? context.fingerprint(value) : undefined,
    }));
    held.set(app, { secrets: seen, at: clock.now() });
  };
  /** The newest first. No answer but a list is taken for one: neither a refusal nor a 404 says that there are none. */
  const list = async (app: Ref): Promise<readonly SecretDocument[]> => {
    try {
      const found = await session.read(async () =>
        allOf<SecretDocument>(await api.listOAuth2ClientSecrets({ appId: app })),
      );
      return [...found].sort((a, b) => timeOf(b.created) - timeOf(a.created));
    } catch (error) {
      if (!isNotFound(error) || (await session.readRaw(`/api/v1/apps/${encodeURIComponent(app)}`)) === undefined)
        throw error;
      throw new ProviderError("unavailable", "Okta answered 404 to the list of secrets of an app that exists.");
    }
  };
  /** Before secrets are changed: who may not list them could not tell afterwards what the app still accepts. */
  const listForChange = async (app: Ref): Promise<readonly SecretDocument[]> => {
    try {
      return await list(app);
    } catch (error) {
      throw isRefused(error) ? mayNotList(app, error) : error;
    }
  };
  const remove = async (
    app: Ref,
    { id, status }: Pick<SecretDocument, "id" | "status">,
  ): Promise<readonly SecretDocument[]> => {
    const request = { appId: app, secretId: id };
    await removeSeen(context, {
      what: `secret ${id} of app ${app}`,
      isActive: status === "ACTIVE",
      deactivate: () => api.deactivateOAuth2ClientSecret(request),
      remove: () => api.deleteOAuth2ClientSecret(request),
      read: async () => {
        const present = (await listForChange(app)).find((one) => one.id === id);
        return present === undefined ? undefined : { isActive: isActive(present) };
      },
    });
    const left = await listForChange(app);
    if (left.some((one) => one.id === id))
      throw new ProviderError("unavailable", "Okta still shows the secret that was removed.");
    return left;
  };
  const create = async (app: Ref, secret: string | undefined): Promise<SecretDocument> => {
    const body = secret === undefined ? {} : { client_secret: secret };
    const request = { appId: app, oAuth2ClientSecretRequestBody: body };
    return (await session.write(() => api.createOAuth2ClientSecret(request))) as SecretDocument;
  };
  return {
    known: (app) => held.get(app)?.secrets,
    readAt: (app) => held.get(app)?.at,
    read: async (app) => {
      const secrets = await list(app).catch(unlessRefused);
      if (secrets === undefined) held.set(app, { secrets: undefined, at: clock.now() });
      else remember(app, secrets);
      const value = secrets?.find(isActive)?.client_secret;
      return isShown(value) ? value : undefined;
    },
    note: (app, secret) => {
      if (secret === undefined) return;
      held.set(app, { secrets: [{ ref: undefined, fingerprint: context.fingerprint(secret) }], at: clock.now() });
    },
    add: async (app, secret, insteadOf) => {
      const before = await listForChange(app);
      const known = before.find((one) => isActive(one) && one.client_secret === secret);
      const leaving = before.length < MAX_SECRETS ? undefined : before.find(({ id }) => id === insteadOf);
      if (known === undefined && before.length >= MAX_SECRETS && leaving === undefined)
        throw new ProviderError("limit_reached", tooMany(app, before));
      if (known === undefined && leaving !== undefined) await remove(app, leaving);
      const added = known ?? (await create(app, secret));
      const others = before.filter(({ id }) => id !== added.id && id !== leaving?.id);
      remember(app, [{ ...added, status: "ACTIVE", client_secret: secret }, ...others]);
      return { ref: added.id, others: others.filter(isActive).map(({ id }) => id) };
    },
    remove: async (app, id) => {
      remember(app, await remove(app, { id, status: "ACTIVE" }));
    },
    removeByValue: async (app, value, kept) => {
      const present = await listForChange(app);
      const found = present.find(({ client_secret: shown }) => shown === value);
      const hidden = present.filter(({ id, client_secret: shown }) => !isShown(shown) && !kept.includes(id));
      if (found === undefined && hidden.length > 0) throw cannotTell(app, hidden);
      remember(app, found === undefined ? present : await remove(app, found));
    },
    keepOnly: async (app, secret) => {
      const before = await listForChange(app);
      const hidden = before.filter(({ client_secret: value }) => !isShown(value));
      if (before.length > 1 && hidden.length > 0) throw cannotTell(app, hidden);
      const kept = before.filter(({ client_secret: value }) => value === secret);
      if (kept.length === 0 && hidden.length === 0)
        throw new ProviderError("unavailable", "Okta does not show yet the secret that was just written.");
      if (kept.length > 0) for (const other of before) if (!kept.includes(other)) await remove(app, other);
      remember(app, kept.length > 0 ? kept : before);
    },
    replace: async (app, secret) => {
      const before = await listForChange(app);
      // The last that works cannot go before another is there.
      const [kept, ...surplus] = [...before].sort((a, b) => Number(isActive(b)) - Number(isActive(a)));
      if (before.length >= MAX_SECRETS) for (const other of surplus) await remove(app, other);
      const made = await create(app, secret);
      for (const other of before.length >= MAX_SECRETS ? [kept] : before)
        if (other !== undefined) await remove(app, other);
      remember(app, [made]);
      const value = isShown(made.client_secret) ? made.client_secret : secret;
      if (value === undefined)
        throw new ProviderError(
          "forbidden",
          `Okta does not show the new secret of app ${app}. Grant okta.apps.clientCredentials.read to the operator's app.`,
          { permissions: ["okta.apps.clientCredentials.read"] },
        );
      return value;
    },
    forget: (app) => held.delete(app),
    keep: (isKept) => {
      for (const app of held.keys()) if (!isKept(app)) held.delete(app);
    },
    size: () => held.size,
  };
}

/** Who may make and end secrets may yet not be allowed to list them. */
function unlessRefused(error: unknown): undefined {
  if (!isRefused(error)) throw error;
  return undefined;
}

const isRefused = (error: unknown): error is ProviderError =>
  error instanceof ProviderError && (error.code === "role_missing" || error.code === "forbidden");

const mayNotList = (app: Ref, { code, message, permissions, cause }: ProviderError): ProviderError =>
  new ProviderError(
    code,
    `The operator may not list the secrets of app ${app}, so it cannot see whether an old one is gone. Grant it the permission to read the credentials of apps. ${message}`,
    { permissions, cause },
  );

const cannotTell = (app: Ref, secrets: readonly SecretDocument[]): ProviderError =>
  new ProviderError(
    "forbidden",
    `Okta does not show which secret of app ${app} (${secrets.map(({ id }) => id).join(", ")}) is the old one. Delete it there, or grant the operator the permission to see secrets.`,
  );

const tooMany = (app: Ref, secrets: readonly SecretDocument[]): string =>
  `App ${app} has the maximum number of secrets (${secrets.map(({ id }) => id).join(", ")}). Delete one that nobody uses in the org.`;

const isActive = ({ status }: SecretDocument): boolean => status === "ACTIVE";
