import { CredentialsClient } from "auth0/clients/credentials";
import type { PublicKey, Ref, RegisteredKey } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { MAX_ATTACHED } from "./capabilities.ts";
import type { Auth0Context } from "./context.ts";
import type { ClientMethods, KeyDocument } from "./documents.ts";

/** As a method refers to it, or as it is kept. */
type StoredKey = Pick<KeyDocument, "id"> & Partial<KeyDocument>;

/** Records that Auth0 keeps for one client, attached or not. */
const MAX_STORED = 4;

export function keysIn(methods: ClientMethods | null | undefined): readonly RegisteredKey[] {
  return (methods?.private_key_jwt?.credentials ?? []).map(registeredOf);
}

const registeredOf = ({ id, kid }: StoredKey): RegisteredKey => ({ ref: id, keyId: kid ?? "" });

interface Keys {
  replace(
    ref: Ref,
    wanted: readonly PublicKey[],
    update: (body: Record<string, unknown>) => Promise<unknown>,
  ): Promise<readonly RegisteredKey[]>;
  /** Beside those that are attached. */
  add(
    ref: Ref,
    key: PublicKey,
    attached: { readonly refs: readonly string[]; readonly insteadOf: string | undefined },
    update: (body: Record<string, unknown>) => Promise<unknown>,
  ): Promise<RegisteredKey>;
  /** Detached first: what is attached cannot be deleted. */
  remove(
    ref: Ref,
    id: string,
    attached: readonly string[],
    update: (body: Record<string, unknown>) => Promise<unknown>,
  ): Promise<void>;
  removeAll(ref: Ref): Promise<void>;
}

/** The pool of keys below a client. A key is registered first, then attached, and removed once nothing refers to it. */
export function createKeys({ options, session }: Auth0Context): Keys {
  const sdk = new CredentialsClient(options);
  const list = (ref: Ref): Promise<readonly StoredKey[]> =>
    session.read(async () => (await sdk.list(ref)) as readonly StoredKey[]);
  const remove = (ref: Ref, { id }: StoredKey): Promise<void> => session.write(() => sdk.delete(ref, id));
  const create = async (ref: Ref, { keyId, pem, algorithm }: PublicKey): Promise<StoredKey> => {
    const body = { credential_type: "public_key" as const, name: keyId, pem, alg: algorithm, kid: keyId };
    return (await session.write(() => sdk.create(ref, body as Parameters<typeof sdk.create>[1]))) as StoredKey;
  };
  return {
    replace: async (ref, wanted, update) => {
      const stored = (await list(ref)).filter(({ credential_type: type }) => type === "public_key");
      const isSame = (key: PublicKey, { kid, alg }: StoredKey): boolean => kid === key.keyId && alg === key.algorithm;
      const missing = wanted.filter((key) => !stored.some((other) => isSame(key, other)));
      const others = stored.filter((other) => !wanted.some((key) => isSame(key, other)));
      const excess = Math.max(0, stored.length + missing.length - MAX_STORED);
      // Detached first: what is attached cannot be removed, and there must be room.
      if (excess > 0)
        await update(attached(stored.filter((key) => !others.slice(0, excess).includes(key)).slice(0, MAX_ATTACHED)));
      for (const key of others.slice(0, excess)) await remove(ref, key);
      const created: StoredKey[] = [];
      for (const key of missing) created.push(await create(ref, key));
      const kept = stored.filter((other) => wanted.some((key) => isSame(key, other)));
      await update(attached([...kept, ...created]));
      for (const key of others.slice(excess)) await remove(ref, key);
      return [...kept, ...created].map(registeredOf);
    },
    add: async (ref, key, { refs, insteadOf }, update) => {
      const stored = await list(ref);
      const known = stored.find(({ kid, alg }) => kid === key.keyId && alg === key.algorithm);
      const others = refs.filter((id) => id !== known?.id);
      const isFull = others.length >= MAX_ATTACHED || (known === undefined && stored.length >= MAX_STORED);
      const kept = isFull ? others.filter((id) => id !== insteadOf) : others;
      if (kept.length >= MAX_ATTACHED || (isFull && kept.length === others.length))
        throw new ProviderError("limit_reached", tooMany(ref, stored));
      const leaving = stored.find(({ id }) => isFull && id === insteadOf);
      if (leaving !== undefined) {
        await update(attached(kept.map((id) => ({ id }))));
        await remove(ref, leaving);
      }
      const registered = known ?? (await create(ref, key));
      await update(attached([...kept.map((id) => ({ id })), registered]));
      return registeredOf(registered);
    },
    remove: async (ref, id, refs, update) => {
      if (refs.includes(id))
        await update(attached(refs.filter((other) => other !== id).map((other) => ({ id: other }))));
      await remove(ref, { id });
    },
    removeAll: async (ref) => {
      for (const key of await list(ref)) if (key.credential_type === "public_key") await remove(ref, key);
    },
  };
}

const tooMany = (ref: Ref, stored: readonly StoredKey[]): string =>
  `Client ${ref} has the maximum number of keys (${stored.map(({ id }) => id).join(", ")}). Delete one that nobody uses at the tenant.`;

/** A secret cannot be had together with keys. */
function attached(keys: readonly StoredKey[]): Record<string, unknown> {
  return {
    client_authentication_methods: { private_key_jwt: { credentials: keys.map(({ id }) => ({ id })) } },
    token_endpoint_auth_method: null,
  };
}
