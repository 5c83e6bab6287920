import type { Clients, ObservedClient, ObservedSecret, PublicKey, Ref, RegisteredKey } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { isPlaceholder } from "./placeholders.ts";
import type { TenantRoom } from "./room.ts";

type Credentials = Pick<
  Clients,
  | "readSecret"
  | "replaceSecret"
  | "addSecret"
  | "removeSecret"
  | "removeSecretByValue"
  | "setPublicKeys"
  | "addPublicKey"
  | "removePublicKey"
>;

/** Secrets that a client can have at a time where they overlap. */
const MAX_SECRETS = 2;

/** What clients authenticate with under the writes of a preview. `values`: secrets that a preview put in force. */
export function simulatedCredentials(
  room: TenantRoom,
  present: (ref: Ref) => Promise<ObservedClient>,
  put: (client: ObservedClient) => ObservedClient,
): Credentials & { readonly values: Map<Ref, string> } {
  const { capabilities, fingerprint, placeholders, tenant } = room;
  const values = new Map<Ref, string>();
  const overlaps = capabilities.secretOverlap === "full";
  const seen = (secret: string): ObservedSecret => ({
    ref: overlaps ? placeholders.ref("secret") : undefined,
    fingerprint: fingerprint(secret),
  });
  return {
    values,
    readSecret: async (ref) => values.get(ref) ?? (isPlaceholder(ref) ? undefined : tenant.clients.readSecret(ref)),
    replaceSecret: async (ref, secret, method) => {
      const value = secret ?? placeholders.secret();
      const client = await present(ref);
      const authenticationMethod = method ?? client.authenticationMethod;
      put({ ...client, authenticationMethod, subject: undefined, secrets: [seen(value)], keyRefs: [] });
      values.set(ref, value);
      return value;
    },
    addSecret: async (ref, secret, insteadOf) => {
      if (!overlaps) throw new ProviderError("unsupported", "A client has one secret at a time.");
      const client = await present(ref);
      const all = (client.secrets ?? []).map((one) => ({ ...one, ref: one.ref ?? placeholders.ref("secret") }));
      const known = all.find((one) => one.fingerprint === fingerprint(secret));
      const added = known ?? { ref: placeholders.ref("secret"), fingerprint: fingerprint(secret) };
      const others = all.filter((one) => one !== known);
      const kept = others.length < MAX_SECRETS ? others : others.filter((one) => one.ref !== insteadOf);
      if (kept.length >= MAX_SECRETS) throw new ProviderError("limit_reached", tooMany("secrets", kept));
      put({ ...client, secrets: [added, ...kept] });
      values.set(ref, secret);
      return { ref: added.ref, others: kept.map((one) => one.ref) };
    },
    removeSecret: async (ref, secret) => {
      const client = await present(ref);
      put({ ...client, secrets: client.secrets?.filter((one) => one.ref !== secret) });
    },
    removeSecretByValue: async (ref, value) => {
      const client = await present(ref);
      put({ ...client, secrets: client.secrets?.filter((one) => one.fingerprint !== fingerprint(value)) });
    },
    ...simulatedKeys(room, present, put),
  };
}

function simulatedKeys(
  { capabilities, placeholders }: TenantRoom,
  present: (ref: Ref) => Promise<ObservedClient>,
  put: (client: ObservedClient) => ObservedClient,
): Pick<Credentials, "setPublicKeys" | "addPublicKey" | "removePublicKey"> {
  const registered = new Map<string, string>();
  /** The same key has the same ID at one client. Where the provider takes the key's own ID, that is it. */
  const refOf = (ref: Ref, { keyId }: PublicKey, attached: readonly string[]): string => {
    const name = `${ref} ${keyId}`;
    const known = attached.includes(keyId) ? keyId : (registered.get(name) ?? placeholders.ref("key"));
    registered.set(name, known);
    return known;
  };
  const withKeys = (client: ObservedClient, keyRefs: readonly string[]): ObservedClient =>
    put({ ...client, authenticationMethod: "private_key_jwt", subject: undefined, secrets: [], keyRefs });
  return {
    setPublicKeys: async (ref, keys) => {
      const client = await present(ref);
      const all = keys.map((key): RegisteredKey => ({ ref: refOf(ref, key, client.keyRefs ?? []), keyId: key.keyId }));
      withKeys(
        client,
        all.map((key) => key.ref),
      );
      return all;
    },
    addPublicKey: async (ref, key, insteadOf) => {
      const client = await present(ref);
      const added = refOf(ref, key, client.keyRefs ?? []);
      const others = (client.keyRefs ?? []).filter((other) => other !== added);
      const kept = others.length < capabilities.maxPublicKeys ? others : others.filter((other) => other !== insteadOf);
      if (kept.length >= capabilities.maxPublicKeys)
        throw new ProviderError(
          "limit_reached",
          tooMany(
            "keys",
            kept.map((other) => ({ ref: other })),
          ),
        );
      withKeys(client, [...kept, added]);
      return { ref: added, keyId: key.keyId };
    },
    removePublicKey: async (ref, key) => {
      const client = await present(ref);
      put({ ...client, keyRefs: client.keyRefs?.filter((other) => other !== key) });
    },
  };
}

const tooMany = (what: string, all: readonly { readonly ref: string | undefined }[]): string =>
  `The client has the maximum number of ${what} (${all.map(({ ref }) => ref ?? "").join(", ")}). Delete one that nobody uses.`;
