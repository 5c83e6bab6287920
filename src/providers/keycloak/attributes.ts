import { formatMark, type Mark, MARK_KEY, parseMark } from "../../ports/mark.ts";
import type { Ref } from "../../ports/provider.ts";

/** Of a client or a client scope. Keycloak knows texts alone. */
export type Attributes = Readonly<Record<string, string>>;

/** What to send: `null` removes an attribute. */
export type AttributeChange = Readonly<Record<string, string | null>>;

/** One client of the realm may be an M2MClient and an OAuthApi: each has a mark of its own. */
const CLIENT_MARK = MARK_KEY;
const API_MARK = `${MARK_KEY}.api_mark`;

/** On a client scope: the audience of the API that it belongs to. */
export const API = `${MARK_KEY}.api`;
/** On an API: what its tokens are to be like, which Keycloak keeps with the clients. */
const ALGORITHM = `${MARK_KEY}.signing_algorithm`;
const PROFILE = `${MARK_KEY}.profile`;
/** On a client, with the id of an API behind it: the grant. */
const GRANT = `${MARK_KEY}.grant.`;
/** In front of the user's own keys, since Keycloak's settings are attributes too. */
const METADATA = "m2m.metadata.";

export const clientMarkIn = (attributes: Attributes): Mark | undefined => parseMark(attributes[CLIENT_MARK]);
export const apiMarkIn = (attributes: Attributes): Mark | undefined => parseMark(attributes[API_MARK]);

const markChange = (key: string, mark: Mark | null | undefined): AttributeChange =>
  mark === undefined ? {} : { [key]: mark === null ? null : formatMark(mark) };
export const clientMark = (mark: Mark | null | undefined): AttributeChange => markChange(CLIENT_MARK, mark);
export const apiMark = (mark: Mark | null | undefined): AttributeChange => markChange(API_MARK, mark);

export function metadataIn(attributes: Attributes): Record<string, string> {
  const own = Object.entries(attributes).filter(([name]) => name.startsWith(METADATA));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(METADATA.length), value]));
}

/** Whether the attribute is the user's own metadata. */
export const isMetadata = (name: string): boolean => name.startsWith(METADATA);

export const metadataChange = (metadata: Readonly<Record<string, string | null>> = {}): AttributeChange =>
  Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`${METADATA}${key}`, value]));

/** How tokens of an API are issued: what it names, else what Keycloak does by itself. */
export interface TokenShape {
  readonly signingAlgorithm: string;
  readonly profile: string;
}

export const shapeIn = (attributes: Attributes, byDefault: TokenShape): TokenShape => ({
  signingAlgorithm: attributes[ALGORITHM] ?? byDefault.signingAlgorithm,
  profile: attributes[PROFILE] ?? byDefault.profile,
});

export const shapeChange = ({ signingAlgorithm, profile }: Partial<TokenShape>): AttributeChange => ({
  ...(signingAlgorithm === undefined ? {} : { [ALGORITHM]: signingAlgorithm }),
  ...(profile === undefined ? {} : { [PROFILE]: profile }),
});

/** A grant as its client records it. */
export interface GrantRecord {
  readonly api: Ref;
  readonly lifetimeSeconds: number | undefined;
}

const NO_LIFETIME = "granted";

export function grantRecordsIn(attributes: Attributes): readonly GrantRecord[] {
  return Object.entries(attributes).flatMap(([name, value]): GrantRecord[] => {
    if (!name.startsWith(GRANT)) return [];
    const lifetimeSeconds = /^\d{1,9}$/.test(value) ? Number(value) : undefined;
    return [{ api: name.slice(GRANT.length) as Ref, lifetimeSeconds }];
  });
}

export const grantRecord = (api: Ref, record: Omit<GrantRecord, "api"> | null): AttributeChange => ({
  [`${GRANT}${api}`]: record === null ? null : String(record.lifetimeSeconds ?? NO_LIFETIME),
});

/** Whether this attribute may be shown to anyone who reads what the operator knows. */
export const isHarmless = (name: string): boolean => !name.startsWith("client.secret.rotated");
