import type { Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Serial } from "../../tenant/serial.ts";
import { type AttributeChange, type Attributes, grantRecordsIn, shapeIn, type TokenShape } from "./attributes.ts";
import { DEFAULT_ALGORITHM, OWN_PROFILE } from "./capabilities.ts";
import type { KeycloakContext } from "./context.ts";
import type { RealmClient } from "./realm-client.ts";
import type { RealmState } from "./realm-state.ts";
import type { RealmView } from "./realm-view.ts";

export const LIFESPAN = "access.token.lifespan";
export const ALGORITHM = "access.token.signed.response.alg";
export const RFC9068 = "access.token.header.type.rfc9068";

/**
 * Changes attributes of a client, and with them how its tokens are issued: Keycloak holds that with the client, and not
 * with an API or a grant.
 */
export interface IssuanceWriter {
  /** Throws `disputed` when the APIs that the client has grants of disagree. Succeeds when nothing is to change. */
  change(client: Ref, attributes: AttributeChange): Promise<RealmClient>;
}

export function createIssuanceWriter({ session }: KeycloakContext, view: RealmView, serial: Serial): IssuanceWriter {
  return {
    change: (ref, change) =>
      serial(ref, async () => {
        const client = view.clients.get(ref) ?? (await session.read(() => view.clients.confirm(ref)));
        if (client === undefined) throw new ProviderError("not_found", "The client no longer exists in the realm.");
        const after = withChange(client.attributes, change);
        const whole = { ...change, ...issuanceOf(view, client.attributes, after) };
        const differing = Object.entries(whole).filter(([name, value]) => (client.attributes[name] ?? null) !== value);
        if (differing.length === 0) return client;
        await session.change(`/clients/${ref}`, { attributes: Object.fromEntries(differing) });
        const seen = await view.reread(ref);
        if (seen === undefined) throw new ProviderError("not_found", "The client no longer exists in the realm.");
        return seen;
      }),
  };
}

/** Whether the client's tokens are issued as its grants say. */
export function isIssuedAsGranted(view: RealmState, { attributes }: RealmClient): boolean {
  try {
    const wanted = issuanceOf(view, attributes, attributes);
    return Object.entries(wanted).every(([name, value]) => (attributes[name] ?? null) === value);
  } catch {
    return false;
  }
}

function withChange(attributes: Attributes, change: AttributeChange): Attributes {
  const entries = Object.entries({ ...attributes, ...change });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}

/** What grants do not say is not touched, unless it was they that said it before. */
function issuanceOf(view: RealmState, before: Attributes, after: Attributes): AttributeChange {
  const records = grantRecordsIn(after);
  const lifetime = smallestLifetime(after);
  const hadLifetime = smallestLifetime(before) !== undefined;
  const shape = shapeOf(
    view,
    records.map(({ api }) => api),
  );
  const hadShape = grantRecordsIn(before).length > 0;
  return {
    ...(lifetime === undefined && !hadLifetime ? {} : { [LIFESPAN]: lifetime === undefined ? null : String(lifetime) }),
    ...(shape === undefined && !hadShape
      ? {}
      : {
          [ALGORITHM]: shape?.signingAlgorithm ?? null,
          [RFC9068]: shape === undefined || shape.profile === OWN_PROFILE ? null : "true",
        }),
  };
}

/** Of all grants that say one. Seconds. */
export function smallestLifetime(attributes: Attributes): number | undefined {
  const said = grantRecordsIn(attributes).flatMap(({ lifetimeSeconds }) => lifetimeSeconds ?? []);
  return said.length === 0 ? undefined : Math.min(...said);
}

/** The one shape of all these APIs; `undefined` where there are none. */
function shapeOf(view: RealmState, refs: readonly Ref[]): TokenShape | undefined {
  const apis = refs.flatMap((ref) => view.clients.get(ref) ?? []);
  const shapes = apis.map(({ clientId, attributes }) => ({
    audience: clientId,
    ...shapeIn(attributes, { signingAlgorithm: DEFAULT_ALGORITHM, profile: OWN_PROFILE }),
  }));
  const [first, ...others] = shapes;
  if (first === undefined) return undefined;
  for (const other of others)
    if (other.signingAlgorithm !== first.signingAlgorithm || other.profile !== first.profile)
      throw disagreement(first, other);
  return first;
}

type Said = TokenShape & { readonly audience: string };

const disagreement = (one: Said, other: Said): ProviderError =>
  new ProviderError(
    "disputed",
    `Keycloak issues all tokens of a client alike. The API ${one.audience} has ${textOf(one)}, and the API ${other.audience} has ${textOf(other)}. Set the same signing algorithm and profile on both, or use a client for each.`,
  );

const textOf = ({ signingAlgorithm, profile }: Said): string => `${signingAlgorithm} and profile ${profile}`;
