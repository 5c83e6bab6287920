import { createPublicKey } from "node:crypto";
import type { Clients, PublicKey, Ref, RegisteredKey } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Serial } from "../../tenant/serial.ts";
import type { AttributeChange, Attributes } from "./attributes.ts";
import { MAX_KEYS } from "./capabilities.ts";
import { withoutSubject } from "./client-subjects.ts";
import { newSecret } from "./new-secret.ts";
import type { RealmClient } from "./realm-client.ts";

const KEYS = "jwks.string";
const BY_TEXT = "use.jwks.string";
const BY_URL = "use.jwks.url";
/** The only algorithm that Keycloak takes from the client, whatever its keys are for. */
const RESTRICTION = "token.endpoint.auth.signing.alg";

type Jwk = Readonly<Record<string, unknown>> & { readonly kid: string };

interface KeyParts {
  readonly serial: Serial;
  /** As Keycloak has it now. Throws `not_found`. */
  readonly present: (ref: Ref) => Promise<RealmClient>;
  readonly change: (ref: Ref, body: object) => Promise<RealmClient>;
}

/** All keys of a client are one text, so that each change reads it first. */
export function createKeys({
  serial,
  present,
  change,
}: KeyParts): Pick<Clients, "setPublicKeys" | "addPublicKey" | "removePublicKey"> {
  return {
    setPublicKeys: (ref, keys) =>
      serial(ref, async () => {
        const client = await present(ref);
        const wanted = keys.map(jwkOf);
        if (isByKeys(client) && isSame(jwksIn(client.attributes), wanted)) return keys.map(registered);
        const body = isByKeys(client) ? keysBody(wanted) : changedToKeys(keys);
        await change(ref, unrestricted(client, keys, body));
        return keys.map(registered);
      }),
    addPublicKey: (ref, key, insteadOf) =>
      serial(ref, async () => {
        const client = await present(ref);
        const others = jwksIn(client.attributes).filter(({ kid }) => kid !== key.keyId);
        const kept = others.length < MAX_KEYS ? others : others.filter(({ kid }) => kid !== insteadOf);
        if (kept.length >= MAX_KEYS) throw tooMany(client.clientId);
        const changed = keysBody([...kept, jwkOf(key)]);
        const body = isByKeys(client) ? changed : withAttributes(changedToKeys([key]), changed);
        await change(ref, unrestricted(client, [key], body));
        return registered(key);
      }),
    removePublicKey: (ref, key) =>
      serial(ref, async () => {
        const jwks = jwksIn((await present(ref)).attributes);
        if (!jwks.some(({ kid }) => kid === key)) return;
        await change(ref, keysBody(jwks.filter(({ kid }) => kid !== key)));
      }),
  };
}

const tooMany = (clientId: string): ProviderError =>
  new ProviderError(
    "limit_reached",
    `Client ${clientId} has the maximum of ${String(MAX_KEYS)} keys. Delete one that nobody uses in the realm.`,
  );

const isByKeys = ({ authenticator, attributes }: RealmClient): boolean =>
  authenticator === "client-jwt" && attributes[BY_TEXT] === "true";

const registered = ({ keyId }: PublicKey): RegisteredKey => ({ ref: keyId, keyId });

/** Keycloak takes exactly the algorithm that a key names. */
const jwkOf = ({ keyId, pem, algorithm }: PublicKey): Jwk => ({
  ...createPublicKey(pem).export({ format: "jwk" }),
  ...{ kid: keyId, alg: algorithm, use: "sig" },
});

const textOf = (jwks: readonly Jwk[]): string =>
  JSON.stringify(
    [...jwks].sort((left, right) => (left.kid < right.kid ? -1 : 1)).map((jwk) => Object.entries(jwk).sort()),
  );
const isSame = (left: readonly Jwk[], right: readonly Jwk[]): boolean => textOf(left) === textOf(right);

const keysBody = (jwks: readonly Jwk[]): { readonly attributes: AttributeChange } => ({
  attributes: { [BY_TEXT]: "true", [KEYS]: JSON.stringify({ keys: jwks }) },
});

/** An adopted client may be restricted to another algorithm than that of these keys. */
function unrestricted<Body extends { readonly attributes: AttributeChange }>(
  { attributes }: RealmClient,
  keys: readonly PublicKey[],
  body: Body,
): Body {
  const only = attributes[RESTRICTION];
  if (only === undefined || keys.every(({ algorithm }) => algorithm === only)) return body;
  return { ...body, attributes: { ...body.attributes, [RESTRICTION]: null } };
}

/** Keycloak keeps the secret of a client that changes to keys, and takes it again later: nobody may know it. */
export const authenticatedByKeys = (
  keys: readonly PublicKey[],
): { readonly clientAuthenticatorType: string; readonly secret: string; readonly attributes: AttributeChange } => ({
  clientAuthenticatorType: "client-jwt",
  secret: newSecret(),
  attributes: { ...keysBody(keys.map(jwkOf)).attributes, [BY_URL]: "false" },
});

/** The same for a client that is there. */
const changedToKeys = (keys: readonly PublicKey[]): KeysBody =>
  withAttributes(authenticatedByKeys(keys), { attributes: withoutSubject() });

const withAttributes = (
  body: ReturnType<typeof authenticatedByKeys>,
  { attributes }: { readonly attributes: AttributeChange },
): KeysBody => ({ ...body, attributes: { ...body.attributes, ...attributes } });

type KeysBody = ReturnType<typeof authenticatedByKeys>;

export const withoutKeys = (): AttributeChange => ({ [KEYS]: null, [BY_TEXT]: null, [BY_URL]: null });

/** By their `kid`. What is no key set holds none. */
export const keysIn = (attributes: Attributes): readonly RegisteredKey[] =>
  jwksIn(attributes).map(({ kid }) => ({ ref: kid, keyId: kid }));

function jwksIn(attributes: Attributes): readonly Jwk[] {
  try {
    const { keys } = JSON.parse(attributes[KEYS] ?? "{}") as { readonly keys?: unknown };
    return Array.isArray(keys) ? keys.filter(isJwk) : [];
  } catch {
    return [];
  }
}

const isJwk = (value: unknown): value is Jwk =>
  typeof value === "object" && value !== null && typeof (value as { readonly kid?: unknown }).kid === "string";
