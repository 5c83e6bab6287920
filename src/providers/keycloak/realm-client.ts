import type { Ref } from "../../ports/provider.ts";
import type { Attributes } from "./attributes.ts";
import { isHarmless } from "./attributes.ts";
import type { KeycloakContext } from "./context.ts";
import type { ClientDocument } from "./documents.ts";
import { rotatedIn } from "./rotated-secret.ts";

/** A client of the realm as it was read, without its secret: an API, a client, or both. */
export interface RealmClient {
  readonly ref: Ref;
  readonly clientId: string;
  readonly name: string;
  readonly description: string;
  readonly isEnabled: boolean;
  readonly isBearerOnly: boolean;
  readonly isPublic: boolean;
  readonly hasServiceAccount: boolean;
  /** Any way to log people in. */
  readonly logsPeopleIn: boolean;
  readonly authenticator: string;
  /** Keyed; `undefined` where there is none or it is not read. */
  readonly secretFingerprint: string | undefined;
  /** Of a second secret, which works only where the server has the feature for it. */
  readonly rotatedFingerprint: string | undefined;
  readonly attributes: Attributes;
  /** Names of client scopes that a token request may name. */
  readonly optionalScopes: readonly string[];
  /** Names of client scopes that every token has. */
  readonly defaultScopes: readonly string[];
  readonly readAt: Date;
}

interface ReadingContext extends Pick<KeycloakContext, "isReadOnly" | "fingerprint"> {
  readonly clock: Pick<KeycloakContext["clock"], "now">;
}

/** The secret becomes a fingerprint before anything else sees it. */
export function realmClientOf(document: ClientDocument, context: ReadingContext): RealmClient {
  const { secret } = document;
  const readAt = context.clock.now();
  const rotated = context.isReadOnly ? undefined : rotatedIn(document, readAt);
  return {
    ref: document.id as Ref,
    clientId: document.clientId,
    name: document.name ?? "",
    description: document.description ?? "",
    isEnabled: document.enabled !== false,
    isBearerOnly: document.bearerOnly === true,
    isPublic: document.publicClient === true,
    hasServiceAccount: document.serviceAccountsEnabled === true,
    logsPeopleIn: logsPeopleIn(document),
    authenticator: document.clientAuthenticatorType ?? "client-secret",
    secretFingerprint: secret == null || context.isReadOnly ? undefined : context.fingerprint(secret),
    rotatedFingerprint: rotated === undefined ? undefined : context.fingerprint(rotated),
    attributes: attributesIn(document),
    optionalScopes: [...document.optionalClientScopes].sort(),
    defaultScopes: [...document.defaultClientScopes].sort(),
    readAt,
  };
}

/** Switches among attributes that let a client do more than authenticate as itself. */
export const OTHER_GRANT_TYPES: readonly string[] = [
  "oauth2.device.authorization.grant.enabled",
  "oidc.ciba.grant.enabled",
  "standard.token.exchange.enabled",
  "oauth2.jwt.authorization.grant.enabled",
];

function logsPeopleIn(document: ClientDocument): boolean {
  const flows = [
    document.standardFlowEnabled,
    document.implicitFlowEnabled,
    document.directAccessGrantsEnabled,
    ...OTHER_GRANT_TYPES.map((name) => document.attributes[name] === "true"),
  ];
  return flows.includes(true);
}

/** An attribute without a value is none. */
export function attributesIn({ attributes }: Pick<ClientDocument, "attributes">): Attributes {
  const entries = Object.entries(attributes).filter(
    (entry): entry is [string, string] => entry[1] != null && entry[1] !== "" && isHarmless(entry[0]),
  );
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}
