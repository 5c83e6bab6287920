import { checkMediaType, type OktaIncoming, seenUrl } from "./exchange.ts";
import { isObject, type Json } from "./json.ts";
import { refusal } from "./oauth-errors.ts";
import type { Org } from "./org.ts";
import type { App } from "./state.ts";

/** What a client brings to an endpoint at which it authenticates. */
export interface Presented {
  readonly form: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
  /** URL by which the endpoint was asked. */
  readonly endpoint: string;
}

const CREDENTIALS = ["client_id", "client_secret", "client_assertion"];

/** RFC 6749 section 3.2. */
export function presentedOf(org: Org, incoming: OktaIncoming): Presented {
  checkMediaType(incoming, "application/x-www-form-urlencoded");
  const { query, body, authorization, host, path } = incoming;
  if (CREDENTIALS.some((name) => query[name] !== undefined)) throw refusal("client_credentials_in_query");
  const sent: Json = isObject(body) ? body : {};
  const duplicated = Object.entries({ ...query, ...sent }).filter(([, value]) => Array.isArray(value));
  if (duplicated.length > 0)
    throw refusal("illegal_duplicated_parameters", [duplicated.map(([name]) => name).join(", ")]);
  const form = org.knobs.acceptsQueryParameters ? { ...query, ...sent } : sent;
  return { form, authorization, endpoint: seenUrl(org, host) + path };
}

export const textOf = (form: Presented["form"], name: string): string | undefined => {
  const value = form[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** An app that is not active is as unknown as one that there is not (not recorded). */
export function activeClient({ state }: Org, id: string): App | undefined {
  return [...state.apps.values()].find(({ clientId, status }) => clientId === id && status === "ACTIVE");
}
